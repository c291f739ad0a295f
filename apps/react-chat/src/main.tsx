import '@fal-llm/app-shared/style.css'
import { FalLlmProvider } from '@fal-llm/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { llm } from './page.ts'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no element with the id "app"')

createRoot(root).render(
  <StrictMode>
    <FalLlmProvider llm={llm}>
      <App />
    </FalLlmProvider>
  </StrictMode>,
)
