// How tests wait for what needs no time of the clock.

const { setImmediate: afterThisTurn } = globalThis

/**
 * Lets promises and what sockets have delivered take effect.
 *
 * @param turns Turns of the event loop. Default 3: enough for whatever a fake clock or a scripted answer sets off.
 */
export async function settled(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => afterThisTurn(resolve))
}

/** Waits until a condition holds, for what comes from a socket, a thread or another process. The test's own limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled(1)
}
