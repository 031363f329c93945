"""A host of the core in Python: python host.py carracing.wasm SEED ACTIONS, an action `steer,gas,brake`. See docs/core.md."""
import hashlib
import struct
import sys

from wasmtime import Engine, Instance, Module, Store


class CarRacing:
    def __init__(self, module: Module, *, domain_randomize: bool = False):
        self.store = Store(engine)
        self.exports = Instance(self.store, module, []).exports(self.store)
        self.memory = self.exports["memory"]
        self.write("OPTIONS", struct.pack("<i", domain_randomize), 16)
        assert self.call("create") == 0, "an option is out of its range"

    def call(self, name: str, *arguments):
        return self.exports[name](self.store, *arguments)

    def read(self, name: str, size: int, offset: int = 0) -> bytes:
        at = self.exports[name].value(self.store) + offset
        return bytes(self.memory.read(self.store, at, at + size))

    def write(self, name: str, data: bytes, offset: int = 0) -> None:
        self.memory.write(self.store, data, self.exports[name].value(self.store) + offset)

    def reset(self, seed: int) -> bytes:
        words = -(-seed.bit_length() // 32)
        self.write("SEED", seed.to_bytes(4 * words, "little"))
        assert self.call("seed", words) == 0 and self.call("reset", 1) == 0
        return self.read("OBSERVATION", 96 * 96 * 3)

    def step(self, steer: float, gas: float, brake: float) -> tuple[bytes, float, bool, bool]:
        flags = self.call("step", steer, gas, brake)
        (reward,) = struct.unpack("<d", self.read("EPISODE", 8))
        return self.read("OBSERVATION", 96 * 96 * 3), reward, bool(flags & 1), bool(flags & 2)


engine = Engine()
env = CarRacing(Module.from_file(engine, sys.argv[1]))
print(hashlib.sha256(env.reset(int(sys.argv[2]))).hexdigest())
for action in sys.argv[3:]:
    observation, reward, terminated, truncated = env.step(*map(float, action.split(",")))
    print(hashlib.sha256(observation).hexdigest(), repr(reward), terminated, truncated)
