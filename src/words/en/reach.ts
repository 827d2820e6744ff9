/** Whether phones can open a link, and what to do where they can't. The keys are the results of the check, stable for programs. */
export const reach = {
  reached: "Phones can reach this computer.",
  this_computer_only:
    "Only this computer can open the link. To pair a phone, start the tunnel under Phone reachability, or set a public address there (PAIRING_BASE_URL).",
  this_network_only:
    "The link works only while the phone is on the same network as this computer, and it is not encrypted. For phones elsewhere, start the tunnel under Phone reachability, or set a public address there (PAIRING_BASE_URL).",
  not_https:
    "The public address is not encrypted. Set one that begins with https under Phone reachability (PAIRING_BASE_URL), or start the tunnel there.",
  no_answer:
    "Nothing answers at the public address. Start what leads here from it, or set another one under Phone reachability (PAIRING_BASE_URL).",
  bad_certificate:
    "The public address has a certificate that phones do not trust. Renew it, or start the tunnel under Phone reachability instead.",
  tunnel_broken:
    "The tunnel answers, but it does not reach Top Dog. Point it at the phone door and start it again; Phone reachability has the address.",
  interstitial:
    "The public address shows a page of its own before the link. Switch that page off, or start another tunnel under Phone reachability.",
  another_server:
    "Another server answers at the public address. Point the tunnel at this computer's phone door, or set another address under Phone reachability (PAIRING_BASE_URL).",
} as const;
