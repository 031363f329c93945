/** Plays a video in the system's Chromium, the strictest reader at hand, and reads frames back. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Path of Chromium, or null: tests that need it are then skipped. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync) ?? null;

export interface PlayedVideo {
  width: number;
  height: number;
  /** Seconds. */
  duration: number;
  /** Frame number and RGBA pixels. */
  frames: [index: number, pixels: number[]][];
}

export async function framesInChromium(mp4: Buffer, fps: number, indices: number[]): Promise<PlayedVideo> {
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    return await page.evaluate(
      async ({ base64, fps, indices }) => {
        const video = document.createElement("video");
        video.muted = true;
        video.src = `data:video/mp4;base64,${base64}`;
        document.body.append(video); // out of the page it presents nothing
        // Time of the picture on screen: a busy browser finishes seeking before it shows the new picture.
        let presented = Number.NaN;
        let shown = () => {};
        video.requestVideoFrameCallback(function note(_, { mediaTime }) {
          presented = mediaTime;
          shown();
          video.requestVideoFrameCallback(note);
        });
        await new Promise((resolve, reject) => {
          video.onloadeddata = resolve;
          video.onerror = () => reject(new Error(video.error!.message));
        });
        const canvas = document.createElement("canvas");
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        const context = canvas.getContext("2d")!;
        const frames: [number, number[]][] = [];
        for (const index of indices) {
          video.currentTime = (index + 0.5) / fps;
          await new Promise((resolve) => {
            video.onseeked = resolve;
          });
          while (Math.round(presented * fps) !== index)
            await new Promise<void>((resolve) => {
              shown = resolve;
            });
          context.drawImage(video, 0, 0);
          frames.push([index, [...context.getImageData(0, 0, canvas.width, canvas.height).data]]);
        }
        return { width: canvas.width, height: canvas.height, duration: video.duration, frames };
      },
      { base64: mp4.toString("base64"), fps, indices },
    );
  } finally {
    await browser.close();
  }
}
