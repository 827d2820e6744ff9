export const reach = {
  reached: "Smartphones erreichen diesen Computer.",
  this_computer_only:
    "Nur dieser Computer kann den Link öffnen. Um ein Smartphone zu koppeln, starten Sie unter „Erreichbarkeit für Smartphones“ den Tunnel, oder legen Sie dort eine öffentliche Adresse fest (PAIRING_BASE_URL).",
  this_network_only:
    "Der Link funktioniert nur, solange das Smartphone im selben Netzwerk wie dieser Computer ist, und er ist nicht verschlüsselt. Für Smartphones an anderen Orten starten Sie unter „Erreichbarkeit für Smartphones“ den Tunnel, oder legen Sie dort eine öffentliche Adresse fest (PAIRING_BASE_URL).",
  not_https:
    "Die öffentliche Adresse ist nicht verschlüsselt. Legen Sie unter „Erreichbarkeit für Smartphones“ eine fest, die mit https beginnt (PAIRING_BASE_URL), oder starten Sie dort den Tunnel.",
  no_answer:
    "Unter der öffentlichen Adresse antwortet nichts. Starten Sie, was von dort hierher führt, oder legen Sie unter „Erreichbarkeit für Smartphones“ eine andere fest (PAIRING_BASE_URL).",
  bad_certificate:
    "Die öffentliche Adresse hat ein Zertifikat, dem Smartphones nicht vertrauen. Erneuern Sie es, oder starten Sie stattdessen unter „Erreichbarkeit für Smartphones“ den Tunnel.",
  tunnel_broken:
    "Der Tunnel antwortet, erreicht aber Top Dog nicht. Richten Sie ihn auf den Smartphone-Zugang, und starten Sie ihn neu; die Adresse steht unter „Erreichbarkeit für Smartphones“.",
  interstitial:
    "Die öffentliche Adresse zeigt vor dem Link eine eigene Seite. Schalten Sie diese Seite aus, oder starten Sie unter „Erreichbarkeit für Smartphones“ einen anderen Tunnel.",
  another_server:
    "Unter der öffentlichen Adresse antwortet ein anderer Server. Richten Sie den Tunnel auf den Smartphone-Zugang dieses Computers, oder legen Sie unter „Erreichbarkeit für Smartphones“ eine andere Adresse fest (PAIRING_BASE_URL).",
} as const;
