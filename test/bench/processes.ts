import { readFileSync } from 'node:fs';

/** Clock ticks of /proc in a second. */
const TICKS = 100;

const stat = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');

/** CPU that a process has used, its threads and all. */
export const cpuMs = (pid: number): number => ((Number(stat(pid)[11]) + Number(stat(pid)[12])) * 1000) / TICKS;
export const residentKb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
