import QRCode from "qrcode";

/** Room for a quarter of the picture to be lost, as to a scratch or a reflection; scanners want four modules of white around it. */
const LOOKS = { errorCorrectionLevel: "M", margin: 4 } as const;

/** A PNG, black on white whatever the theme, each module eight pixels. */
export async function qrPicture(text: string): Promise<Buffer> {
  return QRCode.toBuffer(text, { ...LOOKS, type: "png", scale: 8 });
}
