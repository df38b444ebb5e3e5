/** Steps that tie cases together or part them; they stand with what is tied, not among the steps of the case itself. */
export const TIES: readonly string[] = ['join', 'merge', 'split', 'split_off', 'put_under', 'take_out'];
/** Those that ask for another case. */
export const PAIRS: readonly string[] = ['merge', 'put_under'];
