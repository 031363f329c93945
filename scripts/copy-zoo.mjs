// Copies the shipped networks beside the compiled code, where `zoo:NAME` looks for them.
import { cpSync, mkdirSync, readdirSync } from "node:fs";

const from = "policies/zoo";
const to = "dist/policies/zoo";
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (/\.(safetensors|md)$/.test(name)) cpSync(`${from}/${name}`, `${to}/${name}`);
