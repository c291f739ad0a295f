/** The demo apps, by the framework they are written in; the first is the default. */
export const frameworks = {
  react: 'apps/react-chat',
  vue: 'apps/vue-chat',
  svelte: 'apps/svelte-chat',
} as const

/** A framework there is a demo app for. */
export type Framework = keyof typeof frameworks

/** Their names, the default first. */
export const frameworkNames = Object.keys(frameworks) as readonly Framework[] // the keys of a const object are its type's
