/**
 * Every route of every dialect in one list: who claims which method and path, told apart at start-up,
 * and whose words a request on a known path but with an unknown method is answered in.
 */
import type { Dialect, Route } from '../dialects/dialect.ts';

export interface Entry {
  dialect: Dialect;
  route: Route;
  /** HEAD comes with every GET. */
  methods: string[];
}

/** @throws Error naming both sides when two routes claim the same method and path. */
export function tabulate(dialects: Dialect[]): Entry[] {
  const entries = dialects.flatMap((dialect) =>
    dialect.routes.map((route) => ({
      dialect,
      route,
      methods: route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
    })),
  );
  const claims = new Map<string, string>();
  for (const { dialect, route } of entries) {
    const claim = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
    const holder = claims.get(claim);
    if (holder !== undefined) {
      throw new Error(`${route.method} ${route.path} is claimed by both ${holder} and ${dialect.name}.`);
    }
    claims.set(claim, dialect.name);
  }
  return entries;
}

/** The routes on a path, whatever their methods. */
export function onPath(entries: Entry[], path: string): Entry[] {
  return entries.filter(({ route }) => matches(route.path, path));
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  );
}
