import '@cloudscape-design/global-styles/index.css'
import './main.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { captureLink } from './sign-in-link.ts'
import { startTheme } from './theme.ts'

captureLink()
// A link opened while the console is already open changes only the fragment: start over with it.
window.addEventListener('hashchange', () => {
  if (location.hash.includes('token=')) location.reload()
})
startTheme()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(<App />)
