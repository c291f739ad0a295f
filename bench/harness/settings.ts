/** `--quick`: three rounds and no slow row, for CI. */
export const quick: boolean = process.argv.includes('--quick')

/** Rounds that count; one more goes before them to warm up. */
export const rounds: number = quick ? 3 : 5
