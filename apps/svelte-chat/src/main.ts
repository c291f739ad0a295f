import '@fal-llm/app-shared/style.css'
import { mount } from 'svelte'
import App from './app.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no element with the id "app"')

mount(App, { target })
