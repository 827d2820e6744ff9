import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createDesk, DeskProvider } from "./data/desk.ts";
import { Page } from "./page/page.tsx";
import { PageFrame } from "./page/page-frame.tsx";
import "./page.css";
import { Desktop } from "./desktop/desktop.tsx";
import { connectToDesk } from "./transport/electron.ts";
import { connectToDoor } from "./transport/http.ts";

const connection = window.topdog ? connectToDesk(window.topdog) : connectToDoor();
const desk = createDesk(connection);

connection.onOpen(desk.places.open);
connection.ready();

const place = document.getElementById("page");
if (!place) throw new Error("index.html has no #page");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={desk.client}>
      <DeskProvider value={desk}>
        <PageFrame>
          <Desktop>
            <Page />
          </Desktop>
        </PageFrame>
      </DeskProvider>
    </QueryClientProvider>
  </StrictMode>,
);
