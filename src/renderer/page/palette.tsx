import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Icon } from "../parts/icon.tsx";
import { useSearch } from "../parts/long-list.tsx";
import { type Command, useCommands } from "./palette-commands.ts";

/** A button that opens the palette, which Ctrl K or ⌘ K opens as well. */
export function PaletteButton(): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const onKey = useEffectEvent((event: globalThis.KeyboardEvent) => {
    const isKey = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k";
    // A question has to be answered first.
    if (!isKey || document.querySelector("[role=alertdialog]")) return;
    event.preventDefault();
    setOpen(!isOpen);
  });
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const isMac = /mac/i.test(navigator.platform);
  return (
    <>
      <button type="button" className="open-palette" aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"} onClick={() => setOpen(true)}>
        <Icon name="search" />
        <span>{t("palette.open")}</span>
        <kbd>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {isOpen ? <Palette onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { typed, type, text } = useSearch();
  const commands = useCommands(typed, text);
  const [chosenId, setChosenId] = useState<string>();
  const chosen = commands.find(({ id }) => id === chosenId) ?? commands[0];
  const run = (command: Command | undefined): void => {
    if (!command) return;
    // The dialog gives the focus back when it closes: what the command opens takes it after that.
    flushSync(onClose);
    window.setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    }
    if (step === undefined || !chosen) return;
    event.preventDefault();
    const next = commands.at((commands.indexOf(chosen) + step) % commands.length);
    setChosenId(next?.id);
  };
  return (
    <ModalOverlay isOpen isDismissable className="veil palette-veil" onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal wide">
        <Dialog className="palette" aria-label={t("palette.label")}>
          <div className="palette-field">
            <Icon name="search" />
            <input
              autoFocus
              type="text"
              role="combobox"
              aria-label={t("palette.field")}
              aria-expanded={commands.length > 0}
              aria-controls="palette-list"
              aria-autocomplete="list"
              aria-activedescendant={chosen && `palette-${chosen.id}`}
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              value={typed}
              onChange={({ target }) => {
                type(target.value);
                setChosenId(undefined);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div id="palette-list" role="listbox" aria-label={t("palette.matches")}>
            {commands.map((command) => (
              <Option key={command.id} command={command} isChosen={command === chosen} onRun={() => run(command)} />
            ))}
          </div>
          <p role="status" className={commands.length === 0 ? "palette-none" : "unseen"}>
            {commands.length === 0 ? t("palette.none") : t("list.found", { count: commands.length })}
          </p>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface OptionProps {
  readonly command: Command;
  readonly isChosen: boolean;
  readonly onRun: () => void;
}

function Option({ command: { id, icon, label, kind }, isChosen, onRun }: OptionProps): ReactNode {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus, and names the chosen option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field's keys choose and run, this is for the pointer
    <div
      id={`palette-${id}`}
      role="option"
      aria-selected={isChosen}
      ref={(element) => {
        if (isChosen) element?.scrollIntoView({ block: "nearest" });
      }}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onRun}
    >
      <Icon name={icon} />
      <bdi>{label}</bdi>
      {kind === undefined ? null : <span className="quiet-text">{kind}</span>}
    </div>
  );
}
