// The limit that no HTTP server on Node.js passes: one prepared answer to everything.
import http from "node:http";

const body = JSON.stringify({ status: "ok" });
const server = http.createServer((_request, response) => {
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`Local door   ${address}\nPhone door   ${address}`);
});
