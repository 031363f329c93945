/** A server of the page as a process of its own: `serve.ts FOLDER PAGE` prints its address and serves until stdin ends. */
import { startDriveServer } from "../../src/web/server/server.ts";

const [folder, page] = process.argv.slice(2);
const server = await startDriveServer({ folder, page });
console.log(server.url);
process.stdin.on("end", () => server.close()).resume();
