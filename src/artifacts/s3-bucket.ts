/** A bucket: the AWS client with our own patience around each request, because a retry must know what it repeats. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { explained, isMissing, isPassing, isPrecondition, type Target } from './s3-errors.js';
import type { S3Location } from './s3-location.js';
import { frugalAgents } from './s3-received.js';

/** How long a bucket is waited for, milliseconds. */
export interface Patience {
  /** Without a byte in either direction a request is cut and made again. */
  readonly idleMs: number;
  /** An operation that makes no progress for this long fails. */
  readonly budgetMs: number;
  /** The same as long as the endpoint has never answered: most likely its address is wrong. */
  readonly firstAnswerMs: number;
  /** The longest first pause before a try is repeated; it doubles from try to try, to ten seconds. */
  readonly pauseMs: number;
}

// The version in package.json runs on Node 20; the SDK warns of later ones, in every process of every user.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const usual: Patience = { idleMs: 30_000, budgetMs: 120_000, firstAnswerMs: 10_000, pauseMs: 100 };
const connectMs = 5_000;
const longestPauseMs = 10_000;

/** What an operation is told about itself. */
export interface Try {
  readonly client: S3Client;
  /** Options for `client.send`. */
  readonly send: { readonly abortSignal?: AbortSignal };
  /** 0 for the first try. */
  readonly retry: number;
  /** Renews the budget. */
  readonly progress: () => void;
}

/** One bucket at one endpoint. */
export class S3Bucket {
  readonly name: string;
  readonly target: Target;
  readonly #client: S3Client;
  readonly #patience: Patience;
  #answered = false;
  /** The server's clock minus ours. */
  #aheadMs = 0;

  constructor(location: S3Location, patience: Partial<Patience> = {}) {
    this.#patience = { ...usual, ...patience };
    this.name = location.bucket;
    const env = process.env;
    const endpoint = location.endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
    // Servers other than AWS mostly take any region, or this one; AWS_DEFAULT_REGION is what AWS's other tools read.
    const region =
      location.region ??
      env['AWS_REGION'] ??
      env['AWS_DEFAULT_REGION'] ??
      (endpoint === undefined ? undefined : 'us-east-1');
    const where = `s3://${location.bucket}${endpoint === undefined ? '' : ` at ${endpoint}`}`;
    this.target = { where, bucket: location.bucket };
    this.#client = new S3Client({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      forcePathStyle: location.pathStyle ?? endpoint !== undefined,
      maxAttempts: 1,
      // We give each upload its checksum, and check what we read against our own digest.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        socketTimeout: this.#patience.idleMs,
        ...frugalAgents(),
      },
    });
    this.#client.middlewareStack.add(
      (next) => (args) => {
        signDigest(args.input, args.request);
        return next(args);
      },
      { step: 'build', name: 'trainyardSignDigest' },
    );
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.#hear(result.response);
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'trainyardHear' },
    );
  }

  /** The time by the server's clock, as its last answer told it: up to two seconds late, never early. Ours before the first. */
  get nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  /**
   * Makes an operation until it succeeds or the server gives a final answer, which is thrown as the SDK gives it for the caller to
   * look at ({@link isMissing}, {@link isPrecondition}); what people must mend is a TrainyardError. Pauses grow, with full jitter.
   */
  async operate<T>(work: (one: Try) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let progressedMs = performance.now();
    const progress = () => (progressedMs = performance.now());
    const send = signal === undefined ? {} : { abortSignal: signal };
    for (let retry = 0; ; retry++) {
      try {
        return await work({ client: this.#client, send, retry, progress });
      } catch (error) {
        signal?.throwIfAborted();
        const { budgetMs, firstAnswerMs, pauseMs: firstPauseMs } = this.#patience;
        const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** retry);
        const deadlineMs = progressedMs + (this.#answered ? budgetMs : firstAnswerMs);
        const again = isPassing(error) || (isSkew(error) && retry < 2);
        if (!again || performance.now() + pauseMs > deadlineMs) throw this.#asTold(error);
        await delay(pauseMs, undefined, { signal });
      }
    }
  }

  #asTold(error: unknown): unknown {
    return isMissing(error) || isPrecondition(error) ? error : (explained(error, this.target) ?? error);
  }

  #hear(response: unknown): void {
    // An HttpResponse, with lower-case names of headers.
    const date = (response as { readonly headers?: Readonly<Record<string, string>> }).headers?.['date'];
    this.#answered = true;
    const serverMs = date === undefined ? NaN : Date.parse(date);
    // Whole seconds, which some servers renew once a second.
    if (!Number.isNaN(serverMs)) this.#aheadMs = serverMs + 1_999 - Date.now();
  }
}

/** The SDK learns the server's time from the refusal and signs the next request with it. */
function isSkew(error: unknown): boolean {
  return (
    error instanceof Error && ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'].includes(error.name)
  );
}

/** A body whose checksum is given need not be hashed again to be signed: its sha256 is signed, or its CRC32 beside an unsigned body. */
function signDigest(input: object, request: unknown): void {
  const sha256 = 'ChecksumSHA256' in input ? String(input.ChecksumSHA256) : undefined;
  if (sha256 === undefined && !('ChecksumCRC32' in input)) return;
  const digest = sha256 === undefined ? 'UNSIGNED-PAYLOAD' : Buffer.from(sha256, 'base64').toString('hex');
  // An HttpRequest at this step.
  (request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = digest;
}
