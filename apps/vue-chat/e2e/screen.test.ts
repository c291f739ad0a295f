import { fileURLToPath } from 'node:url'
import { describeScreen } from '@fal-llm/app-shared/e2e/describe-chat'

describeScreen({
  framework: 'vue',
  artefacts: fileURLToPath(new URL('../test-artefacts', import.meta.url)),
})
