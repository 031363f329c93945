/** Locks the folder named by the argument, says so, and holds it until it is killed; the lock tests run it. */
import { lockFolder } from "../../recordings/files/lock.ts";

try {
  lockFolder(process.argv[2], process.argv[3]);
  process.stdout.write("held\n");
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
}
setInterval(() => {}, 1000);
