/** Whether this is the installed app: by the standard, or by Safari's own word. */
export function standsAlone(): boolean {
  return matchMedia("(display-mode: standalone)").matches || (navigator as { readonly standalone?: boolean }).standalone === true;
}
