#!/usr/bin/env python3
"""The same radiance field in PyTorch on the CPU: head and torso of one frame, round by round as the original draws them.

Ours, written from the formulas (docs/radiance-fields.md), for comparison only. It reads the persona's own weights, so both
programs draw the same picture: `--compare FILE` takes the floats that `studio-bench --write FILE` wrote and prints the PSNR.

usage: field_pytorch.py PERSONA [--frames N] [--threads N] [--compare FILE]
"""
import argparse, json, math, resource, struct, time
import numpy as np
import torch
import torch.nn.functional as F

STEP = 2 * math.sqrt(3) / 128
# Samples that go through the network together: 8,192 are as fast as 65,536, and their layers stay in the caches.
CHUNK = 8192


def tensors(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        entries = json.loads(file.read(size))
        data = file.read()
    kinds = {"F32": np.float32, "F16": np.float16, "U8": np.uint8}
    found = {}
    for key, entry in entries.items():
        if key == "__metadata__":
            continue
        a, b = entry["data_offsets"]
        values = np.frombuffer(data[a:b], kinds[entry["dtype"]]).reshape(entry["shape"])
        found[key] = torch.from_numpy(values.astype(np.uint8 if entry["dtype"] == "U8" else np.float32))
    return found


class Grid:
    """Multi-resolution grid over a plane (bound 1): hashed with one feature, or tiled with two."""

    def __init__(self, table, levels, base, finest, log_table, hashed):
        self.table, self.levels = table, []
        growth = 2 ** (math.log2(finest / base) / (levels - 1))
        s, offset = np.float32(math.log2(growth)), 0
        for l in range(levels):
            rows = min(2 ** log_table, (math.ceil(base * growth ** l) + 1) ** 2)
            rows = (rows + 7) // 8 * 8
            scale = float(np.float32(np.exp2(np.float32(l) * s)) * np.float32(base) - np.float32(1))
            stride = math.ceil(scale) + 2
            self.levels.append((scale, rows, offset, stride, hashed and stride * stride > rows))
            offset += rows

    def __call__(self, p):
        u = (p + 1) * 0.5
        out = []
        for scale, rows, offset, stride, hashed in self.levels:
            pos = u * scale + 0.5
            cell = pos.floor()
            w = pos - cell
            x, y = cell.long().unbind(1)
            value = 0
            for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                if hashed:
                    # A power of two.
                    index = ((x + dx) ^ ((y + dy) * 2654435761)) & (rows - 1)
                else:
                    index = (x + dx + (y + dy) * stride) % rows
                weight = (w[:, 0] if dx else 1 - w[:, 0]) * (w[:, 1] if dy else 1 - w[:, 1])
                value = value + self.table[offset + index] * weight[:, None]
            out.append(value)
        return torch.cat(out, 1)


def mlp(x, layers):
    for i, w in enumerate(layers):
        x = F.linear(x, w)
        if i + 1 < len(layers):
            x = F.relu(x)
    return x


def harmonics(d):
    x, y, z = d.unbind(1)
    xx, yy, zz = x * x, y * y, z * z
    return torch.stack([
        torch.full_like(x, 0.28209479177387814), -0.48860251190291987 * y, 0.48860251190291987 * z, -0.48860251190291987 * x,
        1.0925484305920792 * x * y, -1.0925484305920792 * y * z, 0.94617469575755997 * zz - 0.31539156525251999, -1.0925484305920792 * x * z,
        0.54627421529603959 * (xx - yy), 0.59004358992664352 * y * (yy - 3 * xx), 2.8906114426405538 * x * y * z,
        0.45704579946446572 * y * (1 - 5 * zz), 0.3731763325901154 * z * (5 * zz - 3), 0.45704579946446572 * x * (1 - 5 * zz),
        1.4453057213202769 * z * (xx - yy), 0.59004358992664352 * x * (3 * yy - xx)], 1)


def frequencies(v, count):
    return torch.cat([v] + [f(v * 2 ** k) for k in range(count) for f in (torch.sin, torch.cos)], 1)


class Persona:
    def __init__(self, path):
        self.manifest = json.load(open(path + "/manifest.json"))
        t = self.t = tensors(path + "/weights.safetensors")
        self.planes = [Grid(t["encoder_%s.embeddings" % n], 12, 64, 512, 14, True) for n in ("xy", "yz", "xz")]
        layers = lambda name: [t[k] for k in sorted(t) if k.startswith(name + ".net.") and k.endswith("weight")]
        self.sigma, self.color, self.audio, self.eye = (layers(n) for n in ("sigma_net", "color_net", "aud_ch_att_net", "eye_att_net"))
        self.deform, self.torso = layers("torso_deform_net"), layers("torso_net")
        self.torso_grid = Grid(t["torso_encoder.embeddings"], 16, 16, 2048, 16, False)
        bits = np.unpackbits(t["occupancy"].numpy(), bitorder="little")
        code = np.arange(128 ** 3)
        coordinate = lambda v: sum(((v >> (3 * b)) & 1) << b for b in range(7))
        grid = np.zeros((128, 128, 128), bool)
        grid[coordinate(code), coordinate(code >> 1), coordinate(code >> 2)] = bits.astype(bool)
        self.occupied = torch.from_numpy(grid.reshape(-1))

    def field(self, p, d, audio, closure):
        code = torch.cat([g(p[:, list(axes)]) for g, axes in zip(self.planes, ((0, 1), (1, 2), (0, 2)))], 1)
        attention = mlp(code, self.audio) * audio
        eye = torch.sigmoid(mlp(code, self.eye)) * closure
        h = mlp(torch.cat([code, attention, eye], 1), self.sigma)
        identity = self.t["individual_codes"][0].expand(len(p), 4)
        rgb = torch.sigmoid(mlp(torch.cat([harmonics(d), h[:, 1:], identity], 1), self.color)) * 1.002 - 0.001
        return torch.exp(h[:, 0].clamp(max=60)), rgb

    def pose(self):
        p = torch.tensor(self.manifest["neutral"], dtype=torch.float32)
        q = torch.eye(4)
        for row, source in enumerate((1, 2, 0)):
            q[row] = torch.stack([p[source, 0], -p[source, 1], -p[source, 2], 4 * p[source, 3]])
        return q

    def samples(self, o, d, near, far):
        """All steps of all rays that lie in occupied cells, ray after ray: depths, where each ray's begin, and how many it has."""
        depths, counts = [], []
        steps = torch.arange(int(((far - near).max() / STEP).clamp(min=0)) + 2) * STEP
        for part in torch.split(torch.arange(len(d)), 16384):
            t = near[part, None] + steps
            p = (o + d[part, None] * t[..., None]).clamp(-1, 1)
            c = (p * 64 + 64).clamp(0, 127).int()
            hit = self.occupied[((c[..., 0] * 128 + c[..., 1]) * 128 + c[..., 2]).long()] & (t < far[part, None])
            depths.append(t[hit])
            counts.append(hit.sum(1))
        counts = torch.cat(counts)
        return torch.cat(depths), counts.cumsum(0) - counts, counts

    def head(self, audio, closure, width, height, q):
        m = self.manifest
        j, i = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        u, v = (i.reshape(-1) + 0.5 - m["center"][0]) / m["focal"], (j.reshape(-1) + 0.5 - m["center"][1]) / m["focal"]
        d = torch.stack([u, v, torch.ones_like(u)], 1)
        d = (d / d.norm(dim=1, keepdim=True)) @ q[:3, :3].T
        o = q[:3, 3]
        box = torch.tensor([1, 0.5, 1])
        a, b = (-box - o) / d, (box - o) / d
        near, far = torch.minimum(a, b).max(1).values, torch.maximum(a, b).min(1).values
        far = torch.where(near > far, torch.zeros_like(far), far)
        depth, first, count = self.samples(o, d, near.clamp(min=0.05), far)
        n = len(d)
        color, opacity = torch.zeros(n, 3), torch.zeros(n)
        alive = torch.arange(n)
        step = 0
        while step < 16 and len(alive):
            k = max(1, min(8, n // len(alive)))
            slots = step + torch.arange(k)
            taken = slots < count[alive, None]
            ray, slot = torch.nonzero(taken, as_tuple=True)
            sigma, rgb = torch.zeros(len(alive), k), torch.zeros(len(alive), k, 3)
            for part in torch.split(torch.arange(len(ray)), CHUNK):
                rays = alive[ray[part]]
                t = depth[first[rays] + step + slot[part]]
                s, c = self.field((o + d[rays] * t[:, None]).clamp(-1, 1), d[rays], audio, closure)
                sigma[ray[part], slot[part]], rgb[ray[part], slot[part]] = s, c
            full = torch.zeros(len(alive), dtype=torch.bool)
            for s in range(k):
                light = 1 - opacity[alive]
                weight = torch.where(full | ~taken[:, s], torch.zeros(()), (1 - torch.exp(-sigma[:, s] * STEP)) * light)
                opacity[alive] += weight
                color[alive] += weight[:, None] * rgb[:, s]
                full |= (light < 1e-4) & taken[:, s]
            alive = alive[taken[:, -1] & ~full]
            step += k
        return color, opacity

    def body(self, width, height, q):
        grid, t = self.t["density_grid_torso"].reshape(1, 1, 128, 128), self.t
        j, i = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
        at = torch.stack([j, i], -1)
        occupied = F.grid_sample(grid, at[None], align_corners=True)[0, 0].reshape(-1) > min(0.01, float(t["mean_density_torso"][0]))
        x = at.reshape(-1, 2)[occupied] * 0.8
        anchors = t["anchor_points"] @ torch.linalg.inv(q).T
        keys = (anchors[:, :2] / anchors[:, 3:] / anchors[:, 2:3]).reshape(1, -1)
        shared = torch.cat([frequencies(keys, 3), t["individual_codes_torso"][:1]], 1).expand(len(x), -1)
        inputs = torch.cat([frequencies(x, 8), shared], 1)
        bent = (x + mlp(inputs, self.deform)).clamp(-1, 1)
        out = torch.sigmoid(mlp(torch.cat([self.torso_grid(bent), inputs], 1), self.torso)) * 1.002 - 0.001
        alpha, color = torch.zeros(height * width), torch.zeros(height * width, 3)
        alpha[occupied], color[occupied] = out[:, 0], out[:, 1:]
        return alpha, color

    @torch.inference_mode()
    def frame(self, audio, closure):
        width, height, q = self.manifest["facts"]["width"], self.manifest["facts"]["height"], self.pose()
        color, opacity = self.head(audio, closure, width, height, q)
        alpha, body = self.body(width, height, q)
        behind = (1 - opacity) * alpha
        return torch.cat([color + behind[:, None] * body, (opacity + behind)[:, None]], 1).clamp(0, 1)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


parser = argparse.ArgumentParser()
parser.add_argument("persona")
parser.add_argument("--frames", type=int, default=1, help="timed frames, after one that is not")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--compare")
options = parser.parse_args()
torch.set_num_threads(options.threads)
persona = Persona(options.persona)
picture = persona.frame(torch.zeros(32), 0.0)
if options.compare:
    ours = torch.from_numpy(np.fromfile(options.compare, np.float32).reshape(-1, 4))
    print("PSNR against studio: %.1f dB" % (-10 * math.log10(float(((ours - picture) ** 2).mean()) + 1e-12)))
times, work = [], []
for _ in range(options.frames):
    start, used = time.time(), processor_seconds()
    persona.frame(torch.zeros(32), 0.0)
    times.append(time.time() - start)
    work.append(processor_seconds() - used)
print("PyTorch %s: %.0f ms a frame, %.0f ms of processor time, %d threads" % (torch.__version__, min(times) * 1000, min(work) * 1000, options.threads))
