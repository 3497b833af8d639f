/** Which way two samples may differ. @module */

/** What a test asks: whether the first differs from the second at all, is greater, or is less. */
export type Alternative = 'two-sided' | 'greater' | 'less';
