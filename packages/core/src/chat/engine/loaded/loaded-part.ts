// All that a chat loads with its first question, with its first command that needs it, or with its storage: one file for a
// page to fetch.

export { loadedHandlers } from './loaded-handlers.ts'
export { createWorker } from './worker.ts'
