import { type Logger, type WorkflowBundle } from '@temporalio/worker';
/** A bundle and its digest, which is the build id of the workers that run it. */
export interface CachedBundle extends WorkflowBundle {
    readonly sha256: string;
    /** Whether the cache had it. */
    readonly cached: boolean;
}
/** The interceptor module that every bundle carries. */
export declare const interceptorModule: string;
/**
 * The bundle of the workflows at `workflowsPath`; at most one per content in `cacheFolder`, which may be deleted at any
 * time. Throws TY1106 when the workflows do not bundle.
 */
export declare function bundleWorkflows(options: {
    readonly workflowsPath: string;
    readonly cacheFolder: string;
    readonly logger: Logger;
}): Promise<CachedBundle>;
//# sourceMappingURL=bundle.d.ts.map