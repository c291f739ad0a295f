import { createApp } from 'vue'
import Chat from './chat/chat.vue'
import './chat/style.css'

createApp(Chat, { name: '__NAME__' }).mount('#app')
