import QRCode from "qrcode";

/** Error correction for a quarter of the picture, as after a scratch or a reflection. Scanners need four white modules around it. */
const OPTIONS = { errorCorrectionLevel: "M", margin: 4, type: "png", scale: 8 } as const;

/** A PNG in black on white whatever the theme, each module eight pixels. */
export async function qrPng(text: string): Promise<Buffer> {
  return QRCode.toBuffer(text, OPTIONS);
}
