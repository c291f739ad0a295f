export default defineNuxtConfig({
  compatibilityDate: '2025-11-01',
  telemetry: false,
  css: ['~/chat/style.css'],
  app: {
    head: {
      title: '__NAME__',
      htmlAttrs: { lang: 'en' },
      link: [{ rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' }],
    },
  },
})
