/** The layers of ARCHITECTURE.md as rules: imports go down only, nothing goes in a circle, heavy libraries stay in their room. */
const { readFileSync } = require('node:fs');
const { join, dirname, normalize } = require('node:path');

/** A room may import what its tsconfig.json references, and what those reference. */
const reach = (room, seen = new Set()) => {
  for (const { path } of JSON.parse(readFileSync(join(room, 'tsconfig.json'), 'utf8')).references ?? []) {
    const next = normalize(join(room, path));
    if (!seen.has(next)) reach(next, seen.add(next));
  }
  return seen;
};
const rooms = JSON.parse(readFileSync('tsconfig.json', 'utf8'))
  .references.map(({ path }) => normalize(path))
  .filter((room) => !['test', 'examples', 'bench'].includes(room.split('/')[0]));
const folder = (room) => `^${room}/`;
const only = (library, allowed) => ({
  name: `${library} stays in its room`,
  severity: 'error',
  from: { path: '^(src|activities|workflows|workers)/', pathNot: allowed },
  to: { path: `node_modules/${library}` },
});

module.exports = {
  forbidden: [
    {
      name: 'no circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...rooms.map((room) => ({
      name: `${room} imports only downwards`,
      severity: 'error',
      from: { path: folder(room) },
      to: {
        path: '^(src|activities|workflows|workers|examples|test|bench)/',
        pathNot: [room, ...reach(room)].map(folder),
      },
    })),
    only('@aws-sdk', '^src/artifacts/s3-'),
    only('onnxruntime-node', '^src/(training|server)/'),
    only('@duckdb', '^src/data/'),
    only('@temporalio/workflow', '^(src/workflow|src/entities|workflows)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    exclude: '^dist/',
  },
};
