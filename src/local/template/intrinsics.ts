import type { Template } from './assembly.ts';

/** What a template refers to and only its surroundings know. */
export interface ReferenceSource {
  /** Value of `{"Ref": logicalId}` for a resource, or undefined when it has none. */
  ref(logicalId: string): unknown;
  /** Value of `{"Fn::GetAtt": [logicalId, attribute]}`, or undefined when it has none. */
  attribute(logicalId: string, attribute: string): unknown;
  /** Pseudo parameters such as `AWS::Region`. */
  pseudo: Record<string, string>;
}

export interface Resolver {
  /** Resolves every intrinsic in `value`. `where` names resource and property, for error messages. */
  resolve(value: unknown, where: string): unknown;
  /** True when the named condition holds. */
  condition(name: string, where: string): boolean;
}

/** `AWS::NoValue` removes the property that holds it. */
const noValue = Symbol('AWS::NoValue');

/** Resolves CloudFormation's intrinsic functions. What it cannot resolve, it refuses by name: nothing is guessed. */
export function createResolver(template: Template, source: ReferenceSource): Resolver {
  function resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value)) return value.map((item) => resolve(item, where)).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first !== undefined && isIntrinsic(first[0])) return call(first[0], first[1], where);
    const resolved: Record<string, unknown> = {};
    for (const [key, inner] of entries) {
      const result = resolve(inner, `${where}.${key}`);
      if (result !== noValue) resolved[key] = result;
    }
    return resolved;
  }

  function call(name: string, argument: unknown, where: string): unknown {
    switch (name) {
      case 'Ref':
        return reference(text(argument, name, where), where);
      case 'Fn::GetAtt': {
        const parts = Array.isArray(argument) ? argument.map(String) : text(argument, name, where).split(/\.(.*)/s, 2);
        return attribute(parts[0] ?? '', parts.slice(1).join('.'), where);
      }
      case 'Fn::Join': {
        const [separator, items] = pair(argument, name, where);
        return list(resolve(items, where), name, where)
          .map((item) => text(item, name, where))
          .join(String(separator));
      }
      case 'Fn::Sub':
        return substitute(argument, where);
      case 'Fn::Select': {
        const [index, items] = pair(argument, name, where);
        const chosen = list(resolve(items, where), name, where)[Number(resolve(index, where))];
        if (chosen === undefined) throw unresolved(`Fn::Select has no item ${String(index)}`, where);
        return chosen;
      }
      case 'Fn::Split': {
        const [separator, whole] = pair(argument, name, where);
        return text(resolve(whole, where), name, where).split(String(separator));
      }
      case 'Fn::If': {
        const [conditionName, whenTrue, whenFalse] = list(argument, name, where);
        return resolve(condition(String(conditionName), where) ? whenTrue : whenFalse, where);
      }
      case 'Fn::FindInMap': {
        const keys = list(argument, name, where).map((key) => text(resolve(key, where), name, where));
        const found = template.Mappings?.[keys[0] ?? '']?.[keys[1] ?? '']?.[keys[2] ?? ''];
        if (found === undefined) throw unresolved(`Fn::FindInMap finds nothing at ${keys.join('.')}`, where);
        return found;
      }
      case 'Fn::Base64':
        return Buffer.from(text(resolve(argument, where), name, where)).toString('base64');
      default:
        throw unresolved(`the local cloud does not know ${name}`, where);
    }
  }

  function reference(id: string, where: string): unknown {
    if (id === 'AWS::NoValue') return noValue;
    const pseudo = source.pseudo[id];
    if (pseudo !== undefined) return pseudo;
    const parameter = template.Parameters?.[id];
    if (parameter !== undefined) {
      if (parameter.Default === undefined) throw unresolved(`parameter "${id}" has no default`, where);
      return parameter.Default;
    }
    const value = template.Resources[id] === undefined ? undefined : source.ref(id);
    if (value === undefined) throw unresolved(`Ref to "${id}", which the template does not define`, where);
    return value;
  }

  function attribute(id: string, name: string, where: string): unknown {
    if (template.Resources[id] === undefined) {
      throw unresolved(`Fn::GetAtt of "${id}.${name}", but the template does not define "${id}"`, where);
    }
    const value = source.attribute(id, name);
    if (value === undefined) {
      throw unresolved(
        `Fn::GetAtt of "${id}.${name}": ${template.Resources[id].Type} has no such attribute here`,
        where,
      );
    }
    return value;
  }

  function substitute(argument: unknown, where: string): string {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = resolve(variables, where) as Record<string, unknown>;
    return text(pattern, 'Fn::Sub', where).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`;
      if (name in given) return text(given[name], 'Fn::Sub', where);
      const dot = name.indexOf('.');
      return text(
        dot < 0 ? reference(name, where) : attribute(name.slice(0, dot), name.slice(dot + 1), where),
        'Fn::Sub',
        where,
      );
    });
  }

  function condition(name: string, where: string): boolean {
    const expression = template.Conditions?.[name];
    if (expression === undefined) throw unresolved(`condition "${name}" is not defined`, where);
    return evaluate(expression, `Conditions.${name}`);
  }

  function evaluate(expression: unknown, where: string): boolean {
    const [name, argument] = Object.entries(expression as Record<string, unknown>)[0] ?? [];
    switch (name) {
      case 'Condition':
        return condition(String(argument), where);
      case 'Fn::Equals': {
        const [left, right] = pair(argument, name, where);
        return String(resolve(left, where)) === String(resolve(right, where));
      }
      case 'Fn::And':
        return list(argument, name, where).every((part) => evaluate(part, where));
      case 'Fn::Or':
        return list(argument, name, where).some((part) => evaluate(part, where));
      case 'Fn::Not':
        return !evaluate(list(argument, name, where)[0], where);
      default:
        throw unresolved(`the local cloud does not know the condition ${String(name)}`, where);
    }
  }

  return { resolve, condition };
}

function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

function unresolved(reason: string, where: string): Error {
  return new Error(`Cannot resolve ${where}: ${reason}`);
}

function text(value: unknown, name: string, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unresolved(`${name} needs a string, not ${JSON.stringify(value)}`, where);
}

function list(value: unknown, name: string, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw unresolved(`${name} needs a list, not ${JSON.stringify(value)}`, where);
}

function pair(value: unknown, name: string, where: string): [unknown, unknown] {
  const [first, second] = list(value, name, where);
  return [first, second];
}
