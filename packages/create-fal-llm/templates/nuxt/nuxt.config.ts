export default defineNuxtConfig({
  compatibilityDate: '2025-11-01',
  telemetry: false,
  css: ['~/chat/style.css'],
  // Known beforehand: found during the first visit, they would make Vite load the page again.
  vite: {
    optimizeDeps: {
      include: ['@fal-llm/vue', 'dompurify', 'marked', '@vue/devtools-core', '@vue/devtools-kit'],
    },
  },
  app: {
    head: {
      title: '__NAME__',
      htmlAttrs: { lang: 'en' },
      link: [{ rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' }],
    },
  },
})
