/** What the page that shows the form brings along. */
export interface InvitePage {
  readonly currentUser: { readonly id: string; readonly name: string };
  readonly showMessage: (text: string) => void;
  readonly showError: (text: string) => void;
}

/**
 * Sends a pairing link to the number in the input with the id `phone`.
 *
 * `topDog` is the local door. A page of another origin than the door's own may ask it only when that origin is in
 * `PAIRING_ALLOWED_ORIGINS`, for example `http://localhost:5173`.
 */
export async function sendPairingInvite(
  { currentUser, showMessage, showError }: InvitePage,
  topDog = "http://localhost:8000",
): Promise<void> {
  const field = document.getElementById("phone") as HTMLInputElement;
  // The API takes E.164 alone: people also type spaces, dots, dashes and brackets.
  const phoneNumber = field.value.replace(/[\s().-]/g, "");

  let response: Response;
  try {
    response = await fetch(`${topDog}/phone/pairing/send-sms`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phone_number: phoneNumber, user_id: currentUser.id, user_name: currentUser.name }),
    });
  } catch {
    showError(`Failed: Top Dog does not answer at ${topDog}. Check that it runs and that it allows this page.`);
    return;
  }

  const data = (await response.json()) as { phone_number: string; detail: string };
  if (response.ok) showMessage(`✓ SMS sent to ${data.phone_number}`);
  else showError(`Failed: ${data.detail}`);
}
