/**
 * The service worker (`service-worker.js`), with which the page opens without a connection and can be installed. It
 * starts only once somebody stays, so that it costs a visitor nothing before the first episode.
 */

/** Time after which a page that is still open starts the service worker, milliseconds. */
const STAY = 5000;

/** Registers the service worker after a while. Browsers without one, or that refuse it, go without. */
export function registerServiceWorker(): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  setTimeout(async () => {
    try {
      await workers.register("service-worker.js");
    } catch {
      // Insecure addresses and private windows refuse it.
    }
  }, STAY);
}
