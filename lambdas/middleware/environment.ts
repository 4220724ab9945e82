/**
 * Reads the environment variables a function needs, once, at start-up.
 * @throws one error that names all that are missing
 */
export function requireEnvironment<const Name extends string>(...names: Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    throw new Error(
      `Cannot start the function "${process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '?'}": set ${missing.join(', ')} in its environment`,
    );
  }
  // Each name was just found to have a value.
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
}
