/** Every error a user can meet: one code each, with what to do about it. `docs/errors.md` has a section for each. @module */

/** What is the same for every error of one code: the remedy, and whether Trainyard tries again by itself. */
interface ErrorRow {
  readonly remedy: string;
  readonly retried: boolean;
}

const fixed = (remedy: string): ErrorRow => ({ remedy, retried: false });
const passing = (remedy: string): ErrorRow => ({ remedy, retried: true });

/**
 * Codes by room: TY10 contracts, TY11 project, TY12 artifacts, TY13 records, TY14 data, TY15 graphs and training,
 * TY16 trainer processes, TY17 model server, TY18 engine, TY19 client and command line, TY20 standard stages, TY21 model registry,
 * TY22 approvals and identity, TY23 endpoints and rollouts, TY24 schedules, TY25 monitoring and loops, TY26 upgrades.
 */
export const errorCodes = {
  TY1001: fixed('Write a number, a space and a unit: "30 seconds", "12 hours", "3 days"'),
  TY1002: fixed('Use a schema that JSON can carry: strings, numbers, booleans, arrays, objects, enums, unions'),
  TY1003: fixed('Fix the caller; not retried'),
  TY1004: fixed('Make the stage return what its contract promises; not retried'),
  TY1005: fixed('Pass a ref to an artifact of the kind and columns that the contract asks for'),
  TY1006: fixed('Use letters, digits, "-", "_" and start with a letter'),
  TY1007: fixed('Put the bytes into the artifact store and pass their ref'),
  TY1008: fixed('Use a priority of 1 (first) to 5 (last), a short fairness key and a weight of 0.001 to 1000'),
  TY1009: fixed('Write a number, a space and MiB or GiB: "512 MiB", "4 GiB"'),
  TY1101: fixed('Give the pool another name: "pipelines" is the queue of the pipelines themselves'),
  TY1102: fixed('Run the command in the project, or name its folder: --project DIR'),
  TY1103: fixed('Export the result of defineProject by the name "project"'),
  TY1104: fixed('Declare the environment in trainyard.config, or name one that is declared'),
  TY1105: fixed('Build the project, and check `modules` in trainyard.config'),
  TY1106: fixed('Keep node modules and activities out of the files that the workflows import'),
  TY1107: fixed('Implement the stage in a child process: implementStage(contract).inChild(…)'),
  TY1108: fixed('Give one of the stages another name'),
  TY1109: passing('Set the environment variable on this worker'),
  TY1110: fixed('Name a pool that the project declares'),
  TY1111: fixed('Stop what uses the port, or choose another: --port'),
  TY1112: fixed('Count slots and runs in whole numbers from 1; give a pool that yields a device or slots'),
  TY1120: fixed(
    'Import by literal names, and implement the stage in the module that holds its code; or leave `cache` out',
  ),
  TY1121: fixed('Install with a lockfile, or set TRAINYARD_IMAGE_DIGEST; or leave `cache` out'),
  TY1201: fixed('Check that this is the store it was written to; else run the stage that made it again'),
  TY1202: fixed('Run the stage that made it again: storing the same bytes replaces the damaged ones'),
  TY1203: passing('Free some space, or move the store to a larger disk; nothing half-written was left'),
  TY1204: fixed(
    'Name a folder: "file:.trainyard/artifacts", relative to the project, or "file:///srv/artifacts"; or a bucket: "s3://bucket/prefix"',
  ),
  TY1205: fixed('Build keys with the functions of src/records/layout.ts, names through keySegment'),
  TY1206: fixed(
    'Use a local folder that this user may write to, on a file system with hard links, or an S3 server with conditional writes and consistent lists',
  ),
  TY1207: fixed('Give a folder of plain files, and a target that is new or empty'),
  TY1208: fixed('Pass the ref of a document of that kind'),
  TY1220: fixed('Create the bucket, or correct its name, the endpoint or the region in the uri of the store'),
  TY1221: fixed(
    'Check the credentials, the region, and that they may list the bucket, read, create and delete its objects',
  ),
  TY1222: fixed('Give AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role'),
  TY1223: passing('Check the endpoint and the network, and that the server runs'),
  TY1224: fixed("Set this machine's clock: let it follow a time server"),
  TY1225: fixed('Use a server that encrypts as demanded, or take the demand out of the uri of the store'),
  TY1226: passing('Reach the store by https: a line that alters bytes is noticed there at once'),
  TY1227: fixed('Read what the server says; a server that lacks a part of S3 that stores need cannot hold one'),
  TY1228: passing('Store the file when nothing writes to it'),
  TY1301: fixed('Restore the record from a backup of the store; checkpoints skip it by themselves'),
  TY1302: fixed('Nothing to do: the newer attempt goes on'),
  TY1303: fixed('Pass a stage key "<workflowId>/<stage>-<uuid>" and tokens made by newToken'),
  TY1304: fixed('Save a state that the checkpoint schema of the contract accepts and JSON can carry'),
  TY1305: fixed('Ask for one of the files that the checkpoint was saved with'),
  TY1306: passing(
    'Deploy the newer worker to every machine of the pool: one that knows the version goes on from the checkpoint',
  ),
  TY1307: fixed(
    'Add `migrations` from that version to the stage contract, raise its `checkpointVersion`, deploy, and rerun from the call',
  ),
  TY1310: fixed('Find out who wrote it; publish the state again from a worker that has the key'),
  TY1311: fixed('Give the path of an Ed25519 key in PEM form; for trusted keys a file or folder of public ones'),
  TY1401: fixed('Read it in batches, by SQL, or with a higher limit: data.rows(ref, { limit })'),
  TY1402: fixed(
    'Give a file, folder or glob that this worker can see: an absolute path, a file: URL, or a path relative to the worker',
  ),
  TY1403: fixed('Replace the file by a whole one, or name its format'),
  TY1404: fixed('Write one SELECT over the named tables'),
  TY1405: fixed('Give the source this column, or compute it with `sql`'),
  TY1406: fixed('Correct the source or the schema, or allow a share of rejected rows: maxRejectedShare'),
  TY1407: passing('Free some space or give the worker a larger scratch disk; nothing half-written was kept'),
  TY1408: fixed('Raise memoryLimit, or read fewer columns'),
  TY1409: fixed('Ask for what the dataset has'),
  TY1410: passing('Ingest a file that is no longer written to'),
  TY1411: fixed('Read the report, then correct the data or the expectation'),
  TY1412: fixed('Check the source, the SQL and the boundaries or weights of the splits'),
  TY1501: fixed('Make the two shapes fit where the named layer is built'),
  TY1502: fixed('Cast one of the values, or feed the element type that the operator takes'),
  TY1503: fixed('Fix the code that builds the graph'),
  TY1504: fixed('Build this part from the operators that have a gradient'),
  TY1505: fixed('Feed every input of the model, each with as many rows as the others'),
  TY1506: fixed('Map the ids into the table before they are fed, for example unknown ones to row 0'),
  TY1507: fixed('Load a state that was saved by the same model and optimiser'),
  TY1508: fixed('Install the libraries of this execution provider, or train on the CPU'),
  TY1509: fixed('Pass the bytes of an .onnx file'),
  TY1510: fixed('Train with a lower rate, clip the gradient, or look for broken values in the rows'),
  TY1601: passing('Write nothing but protocol messages to descriptor 3; print to stdout instead'),
  TY1602: fixed('Export the result of defineTrainer(contract, …) of this very stage as the default of the module'),
  TY1603: passing('Read the last lines of its stderr, which are in the evidence'),
  TY1701: fixed('Nothing to do: the later attempt goes on; not retried'),
  TY1702: fixed('Deploy a model whose graph this version of ONNX Runtime runs; the revision before it keeps serving'),
  TY1703: fixed('Choose another port, or 0 for a free one, or stop what listens there'),
  TY1704: passing('Start one on this store: trainyard serve'),
  TY1705: fixed('Read the reason, then deploy again'),
  TY1706: fixed(
    'Compare the versions of ONNX Runtime and the preprocessing; the model before it was put back, if there was one',
  ),
  TY1707: fixed('Pass the parity samples that the train stage made for this very model'),
  TY1708: fixed('Nothing to do if the other deployment is the wanted one; else deploy again'),
  TY1901: passing('Start one with `trainyard engine start`, or set TEMPORAL_ADDRESS'),
  TY1902: fixed('List the runs with `trainyard show`'),
  TY1903: fixed('Give the run another id, or watch the one that exists: `trainyard watch`'),
  TY1904: fixed("Look at the run's open approvals and decide on what they show now"),
  TY1801: fixed('Take any of the five ways: with Go (https://go.dev/dl) on PATH the fifth needs nothing else'),
  TY1802: fixed('Read the log; TRAINYARD_TEMPORAL_CLI names another "temporal" to start instead'),
  TY1803: fixed('Name another port, or leave the port out to get a free one'),
  TY1804: fixed(
    'Create it: temporal operator namespace create --retention 30d -n NAME, or set TEMPORAL_NAMESPACE to one that exists',
  ),
  TY1805: fixed('Correct the setting or unset it'),
  TY1806: fixed('See what Go said; a server found in another of the five ways needs no build'),
  TY1807: fixed('End the commands first, or stop it with --force: their runs go on when it is started again'),
  TY1808: fixed('Start that server or correct TEMPORAL_ADDRESS, TLS and API key; without them a local engine is used'),
  TY1905: fixed('Wait until the run asks for it, or look at its status: `trainyard show`'),
  TY1906: fixed('Ask for a call that the run has made: `trainyard show` lists them'),
  TY1907: fixed('Write JSON, or @ and the path of a JSON file'),
  TY1908: fixed('List the pipelines: `trainyard run`'),
  TY1912: fixed('See what is spent and allowed: `trainyard budget show`'),
  TY1910: fixed('Name a folder that does not exist yet'),
  TY1909: fixed('Read its log below .trainyard/logs'),
  TY1911: fixed('Export its implementation from the activities module'),
  TY1914: passing(
    'Start a worker of the pool `pipelines`; where one runs, too many may ask at once (docs/models.md). The same request id repeats it, and makes it once',
  ),
  TY1915: fixed('Ask for what leads to it: a loop is triggered, a monitor is told to look'),
  TY1920: fixed('Give more of its digest, or a ref as `trainyard artifacts ls` shows it'),
  TY1921: fixed('Name another path, or overwrite it: --force'),
  TY1922: fixed(
    'Name the environment that this store belongs to: --env. If those histories are gone for good: --offline',
  ),
  TY1930: fixed('Kill where the run is at work: its workers, its trainers and the engine on this very machine'),
  TY1923: passing('Start the engine, or keep every run that left records: --offline --keep-runs 90d'),
  TY2040: fixed('Take a target that is a boolean (two classes) or a number, or evaluate in a stage of your own'),
  TY2041: fixed('Name a split that has rows, or change how ingest splits the data'),
  TY2042: fixed('Evaluate on more rows, or on a split that has both classes'),
  TY2050: fixed('Train on a split whose rows have targets, and hold fewer of them out: validationShare'),
  TY2510: fixed('Declare it: loops.declare(contract, …), or list what there is: `trainyard loop ls`'),
  TY2511: fixed('Leave the champion out, or put another model in its place: loops.adopt'),
  TY2512: fixed('Wait until the round has ended: `trainyard loop show`'),
  TY2513: fixed('Nothing to do: the loop begins and ends its rounds itself'),
  TY2514: fixed('Name a round that has ended: `trainyard loop show`'),
  TY2520: fixed('Declare it: monitors.declare(contract, …), or list what there is: `trainyard monitor ls`'),
  TY2521: fixed('Nothing to do: the monitor begins and ends its looks itself'),
  TY2601: fixed(
    'Name a folder of histories, as `run.export` writes them: history.json of each run under a name of its own',
  ),
  TY2602: fixed('Export it again: `run.export`, or `temporal workflow show --output json`'),
  TY2101: fixed('List what there is: `trainyard models ls`'),
  TY2102: fixed('Choose a version that is not archived; the same model may be registered again'),
  TY2103: fixed('Give the alias to another version first'),
  TY2104: fixed('Set the alias to a version: `trainyard models alias`'),
  TY2105: fixed('Look at what it points at now, and decide again'),
  TY2106: fixed('Keep within the bounds of docs/models.md'),
  TY2107: fixed('Give the binding of an approved decision whose evidence names this very model: --decision'),
  TY2201: fixed('Correct the policy of the approval in definePipeline'),
  TY2202: fixed('Say who starts the run: pipelines.start(contract, { by, input }), or `trainyard run … --by NAME`'),
  TY2203: fixed('Let somebody else decide'),
  TY2204: fixed('Let somebody else decide: the policy asks for more than one person'),
  TY2205: fixed(
    'Decide with a credential: `trainyard approvals approve … --token`, or on the page that `trainyard approvals serve` gives',
  ),
  TY2206: fixed('Let somebody of these roles decide; roles come from the token, or from `people` in trainyard.config'),
  TY2207: fixed('Start the run again, and decide in time'),
  TY2208: fixed('Wait for run.approval first, or go on with run.continueWhenLong, which does'),
  TY2209: fixed('Name an issuer that is reached by https, and the audience of its tokens'),
  TY2210: fixed('Decide again; let the workers trust the key of whoever checks credentials: TRAINYARD_TRUSTED_KEYS'),
  TY2211: fixed('Declare it in trainyard.config: webhooks: { NAME: { url } }'),
  TY2212: passing('Check its address and what it says; it is asked again for an hour'),
  TY2213: fixed('Sign in again for a new token of the issuer and the audience that the project names'),
  TY2215: fixed(
    'Ask for proof: --client-ca, or `identity` in trainyard.config; or listen on this machine alone: --host 127.0.0.1',
  ),
  TY2216: fixed('Load the page again and send its form'),
  TY2214: passing('Check that this machine reaches the issuer that trainyard.config names'),
  TY2401: fixed(
    'Give clock fields as numbers or as in cron ("*/15", "MON-FRI"), whole seconds, and a zone like "Europe/Berlin"',
  ),
  TY2402: fixed('Correct the terms of the schedule'),
  TY2403: fixed('Export the result of defineSchedule from the contracts module, and build the project'),
  TY2404: passing('Deploy the pipelines worker with the contracts that define the schedule'),
  TY2405: fixed('List the schedules: `trainyard schedule ls`; make it: `trainyard schedule create`'),
  TY2406: fixed('Change it: `trainyard schedule update`'),
  TY2407: fixed('Look at it: `trainyard schedule show`'),
  TY2408: fixed(
    'Write a time with its zone: 2026-03-29T02:00Z, 2026-03-29T02:00+02:00, or a date and --time-zone Europe/Berlin',
  ),
  TY2501: fixed('Give the sink an http or https address without a password, and declare the secrets that it names'),
  TY2502: passing('Check that it runs and that this worker can reach it; the alert is sent as soon as it answers'),
  TY2503: fixed('Read what it says; correct its address, its credentials or its configuration'),
  TY2301: fixed('Name a revision that the endpoint has: trainyard endpoints show'),
  TY2302: fixed('Let the shares add up to 1 and fit the mode'),
  TY2303: fixed('Set the traffic, or deploy again'),
  TY2304: fixed('Deploy a revision that answers all requests first'),
  TY2305: fixed('Look at what changed it, trainyard endpoints history, and ask again'),
  TY2309: fixed('Wait for it, or end it: trainyard rollout show, promote, abort'),
  TY2310: fixed('Let one revision answer all requests first: trainyard endpoints traffic'),
  TY2311: fixed('See how it ended: trainyard rollout show'),
  TY2308: fixed('List the endpoints: trainyard endpoints ls'),
  TY2307: fixed('Change it in a stage that runs in its worker: implementStage(contract).with(…)'),
  TY2306: fixed('Publish from workers whose public key the server trusts, or serve without --require-signed'),
} as const satisfies Record<string, ErrorRow>;

/** One of the codes in `docs/errors.md`. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * An error with a code: its message says what happened to what, then what to do, then the code.
 * @example new TrainyardError('TY1003', 'stage train: input.epochs must be positive, got 0')
 * // message: stage train: input.epochs must be positive, got 0. Fix the caller; not retried. [TY1003]
 */
export class TrainyardError extends Error {
  override readonly name: string = 'TrainyardError';
  readonly retried: boolean;

  constructor(
    readonly code: ErrorCode,
    readonly what: string,
    options?: ErrorOptions & { readonly remedy?: string },
  ) {
    super(`${what}. ${options?.remedy ?? errorCodes[code].remedy}. [${code}]`, options);
    this.retried = errorCodes[code].retried;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
