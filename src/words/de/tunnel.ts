export const tunnel = {
  not_installed:
    "cloudflared ist nicht installiert. Installieren Sie es, oder geben Sie an, wo es liegt, und starten Sie den Tunnel dann noch einmal.",
  not_runnable:
    "cloudflared lässt sich nicht ausführen. Machen Sie die Datei ausführbar, oder installieren Sie es neu, und starten Sie den Tunnel dann noch einmal.",
  not_trusted:
    "Diese Datei wird nicht verwendet, weil andere Konten sie ersetzen könnten. Sie muss cloudflared heißen, und die Datei, die Datei, auf die sie verweist, und die Ordner darüber müssen Ihnen oder dem System gehören und dürfen von niemand anderem beschreibbar sein. Installieren Sie cloudflared, oder wählen Sie eine andere Datei.",
  no_address: "cloudflared läuft, hat aber keine Adresse erhalten. Prüfen Sie, ob dieser Computer online ist.",
  not_connected:
    "cloudflared hat eine Adresse, kann sich aber nicht verbinden. Wenn eine Firewall Port 7844 blockiert, erlauben Sie ihn, oder verwenden Sie ein anderes Netzwerk.",
  strange_address:
    "Das Programm, das als cloudflared läuft, hat eine Adresse außerhalb von trycloudflare.com genannt und wurde deshalb gestoppt. Installieren Sie das Programm von Cloudflare.",
  offline: "cloudflared erreicht Cloudflare nicht. Prüfen Sie, ob dieser Computer online ist.",
  busy: "Cloudflare hat gerade keine freien Adressen. Versuchen Sie es später noch einmal, oder verwenden Sie eine eigene Adresse.",
  ended: "cloudflared wurde unerwartet beendet.",
  disconnected:
    "Der Tunnel hat seine Verbindung verloren; Links funktionierten nicht. Er startet neu, und neue Links verwenden seine neue Adresse.",
  ngrok_not_installed:
    "Das Paket @ngrok/ngrok ist nicht installiert. Führen Sie im Ordner von Top Dog npm install @ngrok/ngrok aus, und starten Sie Top Dog neu.",
  ngrok_sealed: "Die Desktop-App kann @ngrok/ngrok nicht laden. Verwenden Sie cloudflared oder eine eigene Adresse.",
  ngrok_not_loadable:
    "Das Paket @ngrok/ngrok ist installiert, lässt sich auf diesem Computer aber nicht laden. Installieren Sie es neu, und starten Sie Top Dog neu.",
  ngrok_no_authtoken:
    "ngrok benötigt ein Authtoken. Kopieren Sie Ihres von dashboard.ngrok.com, sichern Sie es, und starten Sie den Tunnel dann noch einmal.",
  ngrok_authtoken_unreadable:
    "Das gesicherte ngrok-Authtoken ist nicht lesbar. Entsperren oder reparieren Sie den Ort, an dem Geheimnisse gespeichert sind, oder sichern Sie das Authtoken noch einmal.",
  ngrok_authtoken_refused:
    "ngrok akzeptiert dieses Authtoken nicht. Kopieren Sie Ihres noch einmal von dashboard.ngrok.com, sichern Sie es, und starten Sie den Tunnel dann noch einmal.",
  ngrok_account_closed:
    "ngrok hat dieses Konto gesperrt. Den Grund finden Sie unter dashboard.ngrok.com. Starten Sie den Tunnel danach noch einmal.",
  ngrok_account_limit:
    "Dieses ngrok-Konto hat sein Limit an Tunneln erreicht. Stoppen Sie den, der woanders läuft, oder prüfen Sie Ihren Tarif unter dashboard.ngrok.com.",
  ngrok_too_old:
    "ngrok unterstützt diese Version von @ngrok/ngrok nicht mehr. Führen Sie im Ordner von Top Dog npm install @ngrok/ngrok@latest aus, und starten Sie Top Dog neu.",
  ngrok_refused: "ngrok hat den Tunnel abgelehnt.",
  ngrok_offline: "Der Dienst von ngrok ist nicht erreichbar. Prüfen Sie, ob dieser Computer online ist.",
  ngrok_no_address: "ngrok hat nicht rechtzeitig eine Adresse genannt. Prüfen Sie, ob dieser Computer online ist.",
  ngrok_strange_address: "ngrok hat eine Adresse genannt, die nicht die Form https://name hat. Der Tunnel wurde deshalb gestoppt.",
  ngrok_ended: "Der ngrok-Tunnel wurde unerwartet beendet.",
} as const;
