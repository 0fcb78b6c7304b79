/** A part of AWS with accounts and host names of its own. */
export interface Partition {
  /** As it stands in ARNs. */
  readonly name: "aws" | "aws-us-gov" | "aws-cn";
  /** What its host names end in. */
  readonly suffix: string;
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): Partition {
  if (region.startsWith("cn-")) return { name: "aws-cn", suffix: "amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { name: "aws-us-gov", suffix: "amazonaws.com" };
  return { name: "aws", suffix: "amazonaws.com" };
}
