import type { Page } from 'playwright-core'

/** Draws a landscape in the page, without putting it there: a real PNG, 240 × 180 pixels. */
export async function drawImage(page: Page, hue = 30): Promise<Buffer> {
  const address = await page.evaluate((colour) => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 240, height: 180 })
    const brush = canvas.getContext('2d')
    if (!brush) throw new Error('This browser draws nothing')
    const sky = brush.createLinearGradient(0, 0, 0, 180)
    sky.addColorStop(0, `hsl(${colour} 70% 45%)`)
    sky.addColorStop(1, `hsl(${colour + 40} 80% 75%)`)
    brush.fillStyle = sky
    brush.fillRect(0, 0, 240, 180)
    brush.fillStyle = 'rgb(255 250 235 / 0.9)'
    brush.arc(170, 60, 22, 0, 7)
    brush.fill()
    brush.fillStyle = `hsl(${colour - 20} 35% 25%)`
    brush.fill(new Path2D('M0 150 L70 90 L120 140 L170 105 L240 160 V180 H0z'))
    return canvas.toDataURL('image/png')
  }, hue)
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
}
