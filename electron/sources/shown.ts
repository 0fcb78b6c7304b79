/** A value as it may stand in a message: short, and without what would disturb a terminal. */
export const shown = (value: string): string => {
  const plain = value.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g,
    " ",
  );
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
};
