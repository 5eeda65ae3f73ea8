// A photo is drawn anew before it is kept: at most 1,600 pixels, and where and with what it was taken stays behind.

const LONGEST = 1600;
const ENOUGH = 400_000; // bytes; a text on a certificate is still read at this
const QUALITIES = [0.82, 0.7, 0.58, 0.46];

const encoded = (canvas, quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));

/** `{name, bytes}` of a chosen picture as JPEG; raises where the browser cannot read it. */
export async function smaller(file, number) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    let blob = null;
    for (const quality of QUALITIES) {
      blob = await encoded(canvas, quality);
      if (blob && blob.size <= ENOUGH) break;
    }
    if (!blob) throw new Error("not encoded");
    // Not the name it had: that often tells when it was taken and with what.
    return { name: `photo-${number}.jpg`, bytes: new Uint8Array(await blob.arrayBuffer()) };
  } finally {
    picture.close();
  }
}
