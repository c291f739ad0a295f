/** A folder of templates, and where in the app its files go. */
export interface Layer {
  readonly from: string
  /** '' is the app's own folder. Written with slashes on every system. */
  readonly to: string
}

/** A kind of app that can be made. */
export interface Framework {
  readonly title: string
  /** What one sees of it in a list, in a few words. */
  readonly hint: string
  /** Laid one over the other: a later one wins. */
  readonly layers: readonly Layer[]
  /** What stands for `__…__` in its files. */
  readonly words: Readonly<Record<string, string>>
}

/** What every app has, with its chat in a folder of the framework's choice. */
function everyApp(chat: string, screen: string, icon = 'public'): readonly Layer[] {
  return [
    { from: 'shared/app', to: '' },
    { from: 'shared/icon', to: icon },
    { from: 'shared/chat', to: chat },
    { from: `screens/${screen}/app`, to: '' },
    { from: `screens/${screen}/chat`, to: chat },
  ]
}

const vitePage: Layer = { from: 'shared/vite', to: '' }

const onVite = {
  CHAT: 'src/chat',
  PROXY: 'vite.config.ts',
  BEFORE:
    'The build is a page without a server. `falLlm()` answers it in `dev` and `preview`; in production your own server answers at ' +
    '`/api/fal/proxy`, with `createFalProxy` of [`@fal-llm/server`](https://www.npmjs.com/package/@fal-llm/server), and `authorize` ' +
    'there says who may ask, and so spend on your key.',
}

function onServer(chat: string, proxy: string) {
  return {
    CHAT: chat,
    PROXY: proxy,
    BEFORE:
      `In production nobody may ask until \`authorize\` in \`${proxy}\` says who may: whoever may ask, spends on your key. ` +
      'What else a proxy in production can be told is in the README of ' +
      '[`@fal-llm/server`](https://www.npmjs.com/package/@fal-llm/server).',
  }
}

/** Every framework, in the order of the list. */
export const frameworks = {
  react: {
    title: 'React',
    hint: 'with Vite',
    layers: [...everyApp('src/chat', 'react'), vitePage, { from: 'react', to: '' }],
    words: { ...onVite, MAIN: 'main.tsx', START: 'src/chat/chat.tsx' },
  },
  vue: {
    title: 'Vue',
    hint: 'with Vite',
    layers: [...everyApp('src/chat', 'vue'), vitePage, { from: 'vue', to: '' }],
    words: { ...onVite, MAIN: 'main.ts', START: 'src/chat/chat.vue' },
  },
  svelte: {
    title: 'Svelte',
    hint: 'with Vite',
    layers: [...everyApp('src/chat', 'svelte'), vitePage, { from: 'svelte', to: '' }],
    words: { ...onVite, MAIN: 'main.ts', START: 'src/chat/chat.svelte' },
  },
  next: {
    title: 'Next.js',
    hint: 'React, App Router',
    layers: [
      ...everyApp('src/chat', 'react'),
      { from: 'shared/proxy', to: 'src/server' },
      { from: 'next', to: '' },
    ],
    words: { ...onServer('src/chat', 'src/server/fal-proxy.ts'), START: 'src/chat/chat.tsx' },
  },
  nuxt: {
    title: 'Nuxt',
    hint: 'Vue',
    layers: [
      ...everyApp('app/chat', 'vue'),
      { from: 'shared/proxy', to: 'server/utils' },
      { from: 'nuxt', to: '' },
    ],
    words: { ...onServer('app/chat', 'server/utils/fal-proxy.ts'), START: 'app/chat/chat.vue' },
  },
  sveltekit: {
    title: 'SvelteKit',
    hint: 'Svelte',
    layers: [...everyApp('src/lib/chat', 'svelte', 'static'), { from: 'sveltekit', to: '' }],
    words: {
      ...onServer('src/lib/chat', 'src/routes/api/fal/proxy/+server.ts'),
      START: 'src/lib/chat/chat.svelte',
    },
  },
} as const satisfies Readonly<Record<string, Framework>>

/** The name of a framework, as `--framework` takes it. */
export type FrameworkName = keyof typeof frameworks

/** Every name, in the order of the list. */
// The keys of an object literal are the keys of its type.
export const frameworkNames = Object.keys(frameworks) as readonly FrameworkName[]

/** Tells whether a framework has this name. Never throws. */
export function isFrameworkName(name: string): name is FrameworkName {
  return Object.hasOwn(frameworks, name)
}
