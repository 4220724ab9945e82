/** One measurement out of a function's log. */
export interface Measurement {
  name: string;
  value: number;
  unit: string;
  dimensions: Record<string, string>;
  /** Members of the log line that are neither metrics nor dimensions, such as `simulatedDate`. */
  properties: Record<string, unknown>;
  atMs: number;
}

interface EmfLine {
  _aws?: {
    Timestamp: number;
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit?: string }[] }[];
  };
  [member: string]: unknown;
}

/** Reads a log line in CloudWatch's embedded metric format; undefined when it is an ordinary line. */
export function parseEmf(line: string): Measurement[] | undefined {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return undefined;
  let parsed: EmfLine;
  try {
    parsed = JSON.parse(line) as EmfLine;
  } catch {
    return undefined;
  }
  const header = parsed._aws;
  if (header === undefined || !Array.isArray(header.CloudWatchMetrics)) return undefined;
  const measurements: Measurement[] = [];
  for (const directive of header.CloudWatchMetrics) {
    const dimensionNames = new Set(directive.Dimensions.flat());
    const metricNames = new Set(directive.Metrics.map(({ Name }) => Name));
    const dimensions: Record<string, string> = {};
    const properties: Record<string, unknown> = {};
    for (const [member, value] of Object.entries(parsed)) {
      if (dimensionNames.has(member)) dimensions[member] = String(value);
      else if (!metricNames.has(member) && member !== '_aws') properties[member] = value;
    }
    for (const { Name, Unit } of directive.Metrics) {
      const values = [parsed[Name]].flat();
      for (const value of values) {
        if (typeof value !== 'number') continue;
        measurements.push({ name: Name, value, unit: Unit ?? 'None', dimensions, properties, atMs: header.Timestamp });
      }
    }
  }
  return measurements;
}
