/* A stand-in for Kaltura's players: the few calls that pages use, real requests with the session
   of the page, and real media in a <video>. ``KALTURA`` is written before this by the server. */
"use strict";

const EVENTS = { ENDED: "ended", PLAYING: "playing", ERROR: "error", TIME_UPDATE: "timeupdate" };
const MEDIA_TYPE = 'video/webm; codecs="vp8"';
const LIVE_AHEAD_S = 40;
const REPORT_MS = 2000;
const pause = (ms) => new Promise((done) => { window.setTimeout(done, ms); });

class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function api(service, action, params, ks) {
  const answer = await fetch(`${KALTURA.server}/api_v3/service/${service}/action/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      format: "1", clientTag: "html5:stand-in", partnerId: String(KALTURA.partnerId), ...params,
      ...(ks ? { ks } : {}),
    }),
  });
  const found = await answer.json();
  if (found?.objectType === "KalturaAPIException") throw new Refused(found.code, found.message);
  return found;
}

class Player extends EventTarget {
  constructor(config) {
    super();
    this.config = config;
    this.ks = config.provider.ks ?? "";
    this.round = 0;
    this.video = document.createElement("video");
    this.video.controls = true;
    this.video.playsInline = true;
    this.video.crossOrigin = "anonymous";
    this.video.style.cssText = "background:#000;flex:1;min-height:0;width:100%";
    this.notice = document.createElement("p");
    this.notice.setAttribute("role", "status");
    this.notice.style.cssText = "color:#fff;background:#222;font:1rem sans-serif;margin:0;padding:.5rem";
    const target = document.getElementById(config.targetId);
    target.dataset.player = "v7";
    target.style.cssText = "display:flex;flex-direction:column;height:100%";
    target.append(this.notice, this.video);
    this.say("");
    for (const name of Object.values(EVENTS)) {
      if (name !== "error") this.video.addEventListener(name, () => this.dispatchEvent(new Event(name)));
    }
  }

  get Event() { return { Core: EVENTS }; }

  get currentTime() { return this.video.currentTime; }

  set currentTime(seconds) { this.video.currentTime = seconds; }

  get duration() { return this.video.duration; }

  play() { this.start(); }

  pause() { this.video.pause(); }

  getVideoElement() { return this.video; }

  destroy() {
    this.round += 1;
    this.video.remove();
    this.notice.remove();
  }

  say(text, state = text ? "waiting" : "ready") {
    this.notice.textContent = text;
    this.notice.hidden = !text;
    this.notice.dataset.state = state;
  }

  // Where sound may not start by itself, it starts without.
  async start() {
    try {
      await this.video.play();
    } catch {
      this.video.muted = true;
      await this.video.play().catch(() => {});
    }
  }

  async loadMedia({ entryId, ks }) {
    this.round += 1;
    if (ks) this.ks = ks;
    try {
      await this.load(entryId);
    } catch (problem) {
      this.say(`${problem.code ?? "ERROR"}: ${problem.message}`, "refused");
      this.dispatchEvent(new Event("error"));
      throw problem;
    }
  }

  async load(asked) {
    const widget = this.ks ? {} : await api(
      "session", "startWidgetSession", { widgetId: `_${KALTURA.partnerId}` },
    );
    const ks = this.ks || widget.ks;
    const { objects } = await api("baseEntry", "list", {
      filter: { objectType: "KalturaBaseEntryFilter", redirectFromEntryId: asked },
    }, ks);
    const entryId = objects[0]?.id ?? asked;
    const context = await api("baseEntry", "getPlaybackContext", {
      entryId, contextDataParams: { objectType: "KalturaContextDataParams", flavorTags: "all" },
    }, ks);
    this.report(entryId, this.round);
    const blocked = context.actions.some((action) => action.type === 1);
    if (blocked) throw new Refused("BLOCK_ACTION", context.messages[0]?.message ?? "");
    const isLive = objects[0]?.type === 7 || objects[0]?.type === "7";
    // A page that is left gives up its requests; there is nobody to tell.
    if (isLive) this.follow(entryId, this.round).catch(() => {});
    else if (!context.sources.length) throw new Refused("NO_SOURCE", "There is nothing to play.");
    else await this.playClip(entryId, context.playbackCaptions);
  }

  address(entryId, format, ending) {
    const ks = this.ks ? `/ks/${this.ks}` : "";
    return `${KALTURA.server}/p/${KALTURA.partnerId}/playManifest/entryId/${entryId}`
      + `/tags/webm/format/${format}${ks}/a.${ending}`;
  }

  // Tells who watches what, as the players' analytics do, while it plays.
  async report(entryId, round) {
    const post = async (path) => {
      const sent = await fetch(`${KALTURA.server}/p/${KALTURA.partnerId}/watched/${path}`, {
        method: "POST", keepalive: true,
      }).catch(() => undefined);
      return sent?.ok ? (await sent.json()).visit : "";
    };
    let visit = "";
    window.addEventListener("pagehide", () => { if (visit) post(`visit/${visit}/left/1`); });
    while (round === this.round) {
      if (this.video.paused || this.video.ended) {
        await new Promise((plays) => { this.video.addEventListener("playing", plays, { once: true }); });
      } else {
        visit = await post(visit ? `visit/${visit}` : `entry_id/${entryId}${this.ks ? `/ks/${this.ks}` : ""}`);
        await pause(REPORT_MS);
      }
    }
  }

  async playClip(entryId, captions) {
    this.say("");
    this.video.src = this.address(entryId, "url", "webm");
    this.video.replaceChildren(...captions.map((each) => {
      const track = document.createElement("track");
      track.kind = "subtitles";
      track.label = each.label;
      track.srclang = each.languageCode || "en";
      track.src = each.webVttUrl;
      track.default = each.isDefault;
      return track;
    }));
    if (this.config.playback?.autoplay) this.start();
  }

  // A broadcast: waits until it is on air, plays what comes, and waits again when it is off.
  async follow(entryId, round) {
    const live = this.config.plugins?.["kaltura-live"] ?? {};
    const every = (live.isLiveInterval ?? 10) * 1000;
    const ks = live.checkLiveWithKs ? this.ks : "";
    while (round === this.round) {
      const isOn = await api("liveStream", "isLive", { id: entryId, protocol: "auto" }, ks)
        .catch(() => false);
      if (isOn) await this.playStream(entryId, round);
      if (round !== this.round) return;
      this.say("Not live", "offline");
      await pause(every);
    }
  }

  async playStream(entryId, round) {
    const media = new MediaSource();
    this.video.src = URL.createObjectURL(media);
    await new Promise((open) => { media.addEventListener("sourceopen", open, { once: true }); });
    const buffer = media.addSourceBuffer(MEDIA_TYPE);
    buffer.mode = "sequence";
    this.say("Live", "live");
    let last = "";
    while (round === this.round) {
      const list = await fetch(this.address(entryId, "applehttp", "m3u8"), { cache: "no-store" });
      if (!list.ok) break;
      const lines = (await list.text()).split("\n");
      const piece = lines.findLast((line) => line.startsWith("http"));
      const number = lines.find((line) => line.startsWith("#EXT-X-MEDIA-SEQUENCE"));
      const ahead = buffer.buffered.length ? buffer.buffered.end(0) - this.video.currentTime : 0;
      if (number !== last && ahead < LIVE_AHEAD_S) {
        last = number;
        const part = await fetch(piece);
        if (!part.ok) break;
        buffer.appendBuffer(await part.arrayBuffer());
        await new Promise((done) => { buffer.addEventListener("updateend", done, { once: true }); });
        this.start();
      }
      await pause(1000);
    }
    if (round === this.round) this.dispatchEvent(new Event("ended"));
  }
}

function setup(config) {
  return new Player(config);
}

window.KalturaPlayer = { setup };
// The older player's way in: everything in one call, the session among the flashvars.
window.kWidget = {
  embed: ({ targetId, entry_id: entryId, flashvars = {} }) => {
    const provider = { partnerId: KALTURA.partnerId, uiConfId: KALTURA.uiConfId, ks: flashvars.ks };
    const player = setup({ targetId, provider, playback: { autoplay: Boolean(flashvars.autoPlay) } });
    document.getElementById(targetId).dataset.player = "v2";
    player.loadMedia({ entryId }).catch(() => {});
    return player;
  },
};

// The plain frame's page says in its own markup what to play.
const own = document.querySelector("#player[data-setup]");
if (own) setup(JSON.parse(own.dataset.setup)).loadMedia({ entryId: own.dataset.entry }).catch(() => {});
