/** `97 %`: of people's time, where less than a per cent is not worth a digit. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
