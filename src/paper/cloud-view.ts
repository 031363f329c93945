/**
 * A cloud of points in a page that the reader turns by dragging or with the arrow keys: a canvas and a short script, so
 * that the report stays one file. The original network is the large blue dot; colour shows the height, as z does.
 */
import type { Cloud } from "./figure.ts";

/**
 * HTML of one view.
 * @param id unique in the page
 */
export function cloudView({ title, points, original, axes }: Cloud, id: string): string {
  const data = JSON.stringify(points.map((point) => point.map((value) => Number(value.toPrecision(5)))));
  return `<canvas id="${id}-cloud" width="1200" height="760" tabindex="0" style="width:100%;max-width:39rem;touch-action:pan-y;cursor:grab" role="application" aria-label="Interactive 3-D view, ${title}: ${axes.join(", ")}; drag or use the arrow keys to turn it"></canvas>
<script>(${TURN})(document.getElementById("${id}-cloud"), ${data}, ${original}, ${JSON.stringify(axes)}, ${JSON.stringify(title)});</script>`;
}

/**
 * Runs in the page: draws the points and turns them. It is text and not a function, because compilers of these sources
 * (tsx among them) insert calls of their own helpers into functions, which a page does not have.
 */
const TURN = `(canvas, points, original, axes, title) => {
  const context = canvas.getContext("2d");
  const ranges = [0, 1, 2].map((axis) => {
    const values = points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values) || 1];
  });
  const unit = points.map((point) =>
    point.map((value, axis) => {
      const [low, high] = ranges[axis];
      return high > low ? (2 * (value - low)) / (high - low) - 1 : 0;
    }),
  );
  // Viridis, as in the other views.
  const stops = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const color = (height) => {
    const along = ((height + 1) / 2) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(along));
    const mixed = stops[from].map((value, i) => Math.round(value + (along - from) * (stops[from + 1][i] - value)));
    return "rgb(" + mixed.join(" ") + " / 0.8)";
  };
  // 13 CSS pixels, whatever width the page gives the canvas.
  const letter = (13 * canvas.width) / (canvas.clientWidth || canvas.width);
  let yaw = 0.6;
  let pitch = 0.45;
  const project = ([x, y, z]) => {
    const [sx, cx, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
    const across = x * cx - y * sx;
    const away = x * sx + y * cx;
    const scale = canvas.height * 0.31;
    return [
      canvas.width / 2 + scale * across,
      canvas.height * 0.53 - scale * (z * cp - away * sp),
      away * cp + z * sp,
    ];
  };
  const line = (a, b, label) => {
    const [x1, y1] = project(a);
    const [x2, y2] = project(b);
    context.strokeStyle = "#999";
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.fillStyle = "#333";
    context.fillText(label, x2 + 6, Math.max(y2 - 6, letter));
  };
  const draw = () => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = letter + "px system-ui, sans-serif";
    context.lineWidth = 2;
    line([-1, -1, -1], [1.1, -1, -1], axes[0]);
    line([-1, -1, -1], [-1, 1.1, -1], axes[1]);
    line([-1, -1, -1], [-1, -1, 1.1], axes[2]);
    context.fillText(title + ": drag, or use the arrow keys, to turn", 12, canvas.height - 16);
    const dot = ([x, y], color, radius) => {
      context.fillStyle = color;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    };
    const seen = unit.map((point) => ({ place: project(point), height: point[2] }));
    const { place } = seen[original];
    // Far points first; the original last, above all others, with a white rim.
    seen.sort((a, b) => b.place[2] - a.place[2]);
    for (const { place, height } of seen) dot(place, color(height), 5);
    dot(place, "white", 16);
    dot(place, "#0033cc", 13);
  };
  const turn = (across, up) => {
    yaw += across;
    pitch = Math.max(-1.5, Math.min(1.5, pitch + up));
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    turn(event.movementX / 150, event.movementY / 150);
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
    if (!step) return;
    event.preventDefault();
    turn(...step);
  });
  draw();
}`;
