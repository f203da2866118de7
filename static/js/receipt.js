// The proof of a receipt, worked out on the reader's own device: RFC 9162, section 2.1.3.2, over SHA-256.

const proof = JSON.parse(document.getElementById("proof").textContent);
const verdict = document.querySelector("[data-verdict]");
const steps = [...document.querySelectorAll("[data-proof] li")];

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));

async function rootFrom({ code, index, size, path }) {
  let [place, last] = [index, size - 1];
  let digest = await sha256(bytes("00"), bytes(code));
  steps[0].classList.add("is-right");
  for (const [number, step] of path.entries()) {
    if (last === 0) return "";
    const right = place % 2 === 1 || place === last;
    digest = right ? await sha256(bytes("01"), bytes(step), digest) : await sha256(bytes("01"), digest, bytes(step));
    while (right && place % 2 === 0 && place !== 0) [place, last] = [place >> 1, last >> 1];
    [place, last] = [place >> 1, last >> 1];
    steps[number + 1].classList.add("is-right");
  }
  return last === 0 ? hex(digest) : "";
}

async function isSigned({ head, signature, public_key }) {
  const key = await crypto.subtle.importKey("raw", bytes(public_key), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, bytes(signature), new TextEncoder().encode(head));
}

async function check() {
  if (!globalThis.crypto?.subtle) return verdict.dataset.cannot;
  const says = JSON.parse(proof.head);
  const holds = (await rootFrom(proof)) === proof.root && says.root === proof.root && says.size === proof.size;
  if (!holds) return verdict.dataset.fails;
  steps.at(-1).classList.add("is-right");
  try {
    return `${verdict.dataset.holds} ${(await isSigned(proof)) ? verdict.dataset.signed : verdict.dataset.forged}`;
  } catch {
    return verdict.dataset.holds; // this browser knows no Ed25519; the proof itself holds
  }
}

verdict.textContent = verdict.dataset.checking;
verdict.textContent = await check();
