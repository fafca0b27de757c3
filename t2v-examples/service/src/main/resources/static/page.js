const $ = (id) => document.getElementById(id);
const POLL_MILLIS = 4000;
const PHASES = {
  encode_text: "Reading the prompt",
  encode_image: "Reading the start",
  prepare_denoiser: "Loading the model",
  denoise: "Denoising",
  decode: "Decoding frames",
};

/** Videos by id, newest first. */
let videos = new Map();
let selected = null;
let stream = null;
let animation = null;
let limits = {};

// --- the service -----------------------------------------------------------------------------

class ServiceError extends Error {}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ServiceError("The service does not answer.");
  }
  if (response.status === 401 && path !== "/session") {
    await login();
    return call(path, options);
  }
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    const wait = response.headers.get("Retry-After");
    if (body?.error?.code === "model_loading") {
      show($("problem"), "The model is being loaded. The video starts when it is there.");
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
      show($("problem"), "");
      return call(path, options);
    }
    const message = body?.error?.message ?? `The service answered ${response.status}.`;
    throw new ServiceError(wait ? `${message} A place may be free in ${wait} s.` : message);
  }
  return response.status === 204 ? null : response.json();
}

function login() {
  return new Promise((resolve) => {
    const dialog = $("login");
    $("login-form").onsubmit = async (event) => {
      event.preventDefault();
      try {
        await call("/session", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ token: $("token").value }),
        });
        dialog.close();
        resolve();
      } catch (error) {
        show($("login-problem"), error.message);
      }
    };
    dialog.oncancel = (event) => event.preventDefault();
    if (!dialog.open) {
      dialog.showModal();
    }
  });
}

const content = (id, variant) => `/v1/videos/${id}/content?variant=${variant}`;
const isFinal = (video) => video.status === "completed" || video.status === "failed";

// --- the list --------------------------------------------------------------------------------

async function refresh() {
  const page = await call("/v1/videos?limit=60");
  videos = new Map(page.data.map((video) => [video.id, video]));
  if (selected && !videos.has(selected)) {
    select(null);
  }
  drawHistory();
}

function drawHistory() {
  const list = $("history");
  const old = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = [...videos.values()].map((video) => {
    const item = old.get(video.id) ?? newClip(video.id);
    drawClip(item, video);
    return item;
  });
  list.replaceChildren(...items);
  $("none").hidden = items.length > 0;
}

function newClip(id) {
  const item = document.createElement("li");
  item.dataset.id = id;
  item.innerHTML =
    '<button class="clip" type="button"><span class="picture"></span><span class="text"></span></button>';
  item.firstChild.onclick = () => select(id);
  return item;
}

function drawClip(item, video) {
  const button = item.firstChild;
  button.setAttribute("aria-current", String(video.id === selected));
  button.title = video.prompt;
  button.querySelector(".text").textContent = video.prompt;
  const picture = button.querySelector(".picture");
  const state = video.status === "in_progress" ? `${video.progress} %` : video.status;
  if (video.status !== "completed") {
    picture.textContent =
      { queued: "Waiting", failed: video.error?.code === "cancelled" ? "Cancelled" : "Failed" }[
        video.status
      ] ?? state;
  } else if (!picture.querySelector("img")) {
    const image = new Image();
    image.alt = "";
    image.src = content(video.id, "thumbnail");
    picture.replaceChildren(image);
  }
}

// --- the stage -------------------------------------------------------------------------------

function select(id) {
  stream?.close();
  stream = null;
  stopPreview();
  selected = id;
  drawHistory();
  const video = videos.get(id);
  $("empty").hidden = Boolean(video);
  $("caption").hidden = !video;
  $("video").hidden = true;
  $("video").removeAttribute("src");
  $("video").load();
  if (!video) {
    return;
  }
  drawStage(video);
  if (!isFinal(video)) {
    watch(id);
  }
}

function drawStage(video) {
  for (const element of [$("preview"), $("video")]) {
    element.style.aspectRatio = video.size.replace("x", " / ");
  }
  $("title").textContent = video.prompt;
  $("facts").textContent = [
    video.size.replace("x", " × "),
    `${video.num_frames} frames at ${video.fps}/s`,
    `${video.num_inference_steps} steps`,
    `guidance ${video.guidance_scale}`,
    `seed ${video.seed}`,
    ...(video.lora ?? []).map(describeLora),
    took(video),
  ]
    .filter(Boolean)
    .join(" · ");
  const completed = video.status === "completed";
  $("progress").hidden = isFinal(video);
  $("cancel").hidden = isFinal(video);
  $("download").hidden = !completed;
  show($("failure"), video.status === "failed" ? video.error.message : "");
  $("empty").hidden = video.status !== "failed";
  if (video.status === "failed") {
    $("empty").textContent = "There is no video.";
    stopPreview();
  }
  if (completed) {
    $("download").href = content(video.id, "video");
    $("download").setAttribute("download", `${video.id}.mp4`);
    const player = $("video");
    const source = content(video.id, "video");
    if (player.getAttribute("src") !== source) {
      player.src = source;
      player.onloadeddata = () => {
        stopPreview();
        player.hidden = false;
      };
      player.play().catch(() => {});
    }
  } else if (!isFinal(video)) {
    drawProgress({ status: video.status, progress: video.progress });
  }
}

function describeLora(lora) {
  return lora.scale === 1 ? `LoRA ${lora.name}` : `LoRA ${lora.name} × ${lora.scale}`;
}

function took(video) {
  const seconds = video.completed_at - video.started_at;
  return video.status === "completed" && seconds >= 1 ? `made in ${duration(seconds)}` : "";
}

function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  return whole < 3600
    ? `${Math.round(whole / 60)} min`
    : `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

function drawProgress(event) {
  const video = videos.get(selected);
  const waiting = event.status === "queued";
  const ahead = video?.queue_position ?? 0;
  const step = event.phase === "denoise" && event.steps > 1 ? `, step ${event.step} of ${event.steps}` : "";
  $("phase").textContent = waiting
    ? ahead > 0
      ? `Waiting, ${ahead} before it`
      : "Waiting"
    : `${PHASES[event.phase] ?? "Working"}${step}`;
  $("left").textContent = waiting ? "" : timeLeft(event.progress);
  $("fill").style.width = `${event.progress}%`;
  $("track").setAttribute("aria-valuenow", event.progress);
}

/** When the first progress of the selected job was seen, and what it was. */
let firstSeen = null;

function timeLeft(progress) {
  const now = performance.now();
  if (!firstSeen || firstSeen.id !== selected || progress < firstSeen.progress) {
    firstSeen = { id: selected, progress, now };
  }
  const done = progress - firstSeen.progress;
  const seconds = (now - firstSeen.now) / 1000;
  return done >= 3 && seconds >= 2
    ? `${progress} %, ${duration(((100 - progress) * seconds) / done)} left`
    : `${progress} %`;
}

function watch(id) {
  stream = new EventSource(`/v1/videos/${id}/events`);
  stream.addEventListener("progress", (message) => {
    const event = JSON.parse(message.data);
    const video = videos.get(id);
    if (video) {
      video.status = event.status;
      video.progress = event.progress;
      drawProgress(event);
      drawHistory();
    }
  });
  stream.addEventListener("preview", (message) => showPreview(JSON.parse(message.data)));
  const end = async () => {
    stream?.close();
    stream = null;
    await refresh();
    if (selected === id) {
      drawStage(videos.get(id));
    }
  };
  stream.addEventListener("completed", end);
  stream.addEventListener("failed", end);
}

/** Plays the strip of frames until the next one comes. */
function showPreview(strip) {
  const image = new Image();
  image.onload = () => {
    const canvas = $("preview");
    const first = canvas.hidden;
    canvas.width = strip.width;
    canvas.height = strip.height;
    canvas.hidden = false;
    $("empty").hidden = true;
    const start = first || !animation ? performance.now() : animation.start;
    stopTimer();
    const draw = () => {
      const frame = Math.floor(((performance.now() - start) / 1000) * strip.fps) % strip.frames;
      canvas
        .getContext("2d")
        .drawImage(image, frame * strip.width, 0, strip.width, strip.height, 0, 0, strip.width, strip.height);
    };
    draw();
    animation = { start, timer: setInterval(draw, 1000 / strip.fps) };
  };
  image.src = strip.image;
}

function stopTimer() {
  if (animation) {
    clearInterval(animation.timer);
  }
}

function stopPreview() {
  stopTimer();
  animation = null;
  $("preview").hidden = true;
}

// --- the form --------------------------------------------------------------------------------

function show(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

async function submit() {
  const form = $("composer");
  const button = form.querySelector("button[type=submit]");
  show($("problem"), "");
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value === "" || (value instanceof File && value.size === 0)) {
      data.delete(name);
    } else if (typeof value === "string") {
      data.set(name, value.trim());
    }
  }
  const file = data.get("input_reference");
  if (file && file.size > limits.upload_bytes) {
    show($("problem"), `The file is larger than ${Math.floor(limits.upload_bytes / 2 ** 20)} MB.`);
    return;
  }
  button.disabled = true;
  try {
    const video = await call("/v1/videos", { method: "POST", body: data });
    videos = new Map([[video.id, video], ...videos]);
    select(video.id);
    if (matchMedia("(max-width: 840px)").matches) {
      $("stage").scrollIntoView({ block: "start" });
    }
  } catch (error) {
    show($("problem"), error.message);
  } finally {
    button.disabled = false;
  }
}

function reuse(video) {
  const form = $("composer");
  form.prompt.value = video.prompt;
  form.negative_prompt.value = video.negative_prompt ?? "";
  for (const name of ["num_inference_steps", "guidance_scale", "num_frames", "fps", "size", "seed"]) {
    form[name].value = video[name];
  }
  const loras = video.lora ?? [];
  form.lora.value = loras[0]?.name ?? "";
  const others = loras.length > 1 || loras.some((lora) => lora.scale !== 1);
  show($("problem"), others ? "This page takes one LoRA, as it is configured." : "");
  $("settings").open = true;
  form.prompt.focus();
}

async function describeModel() {
  const model = (await call("/v1/models")).data[0];
  const form = $("composer");
  limits = model.limits;
  $("model").textContent = model.id;
  form.prompt.maxLength = limits.prompt_length;
  form.prompt.placeholder =
    model.id === "t2v-mini-model" ? "a red circle moving right" : "A panda eating bamboo on a rock";
  for (const [name, value] of Object.entries(model.defaults)) {
    form[name].value = value;
    if (limits[name]) {
      form[name].max = limits[name];
    }
  }
  $("loras").hidden = model.loras.length === 0;
  $("lora").append(...model.loras.map((name) => new Option(name)));
}

function useTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosenTheme = () => localStorage.getItem("theme") ?? (dark.matches ? "dark" : "light");
useTheme(chosenTheme());
dark.addEventListener("change", () => useTheme(chosenTheme()));
$("theme").onclick = () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", theme);
  useTheme(theme);
};

$("composer").onsubmit = (event) => {
  event.preventDefault();
  submit();
};
$("prompt").onkeydown = (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
};
$("cancel").onclick = () => call(`/v1/videos/${selected}/cancel`, { method: "POST" }).catch(() => {});
$("reuse").onclick = () => reuse(videos.get(selected));
$("delete").onclick = async () => {
  await call(`/v1/videos/${selected}`, { method: "DELETE" }).catch(() => {});
  select(null);
  $("empty").textContent = "Describe a video, and watch it appear here.";
  await refresh();
};
if (matchMedia("(max-width: 840px)").matches) {
  $("settings").open = false;
}

setInterval(() => {
  if ([...videos.values()].some((video) => !isFinal(video))) {
    refresh().catch(() => {});
  }
}, POLL_MILLIS);

try {
  await describeModel();
  await refresh();
  const open = [...videos.values()].find((video) => !isFinal(video)) ?? [...videos.values()][0];
  if (open) {
    select(open.id);
  }
} catch (error) {
  show($("problem"), error.message);
}
