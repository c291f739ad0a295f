import '@fal-llm/app-shared/style.css'
import { falLlmPlugin } from '@fal-llm/vue'
import { createApp } from 'vue'
import App from './app.vue'
import { llm } from './page.ts'

createApp(App).use(falLlmPlugin, { llm }).mount('#app')
