/** Milliseconds on the machine's monotonic clock, which all processes of a machine share (unlike `performance.now`). */
export const machineNow = (): number => Number(process.hrtime.bigint()) / 1e6;
