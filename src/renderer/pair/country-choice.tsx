import { type ReactNode, useMemo } from "react";
import { Button, ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type Country, getCountryCallingCode } from "react-phone-number-input/min";
import { Icon } from "../parts/icon.tsx";
import { countryNames, locale } from "../words/words.ts";

/** A country as the phone input lists it. Without a value it is "International", or a line. */
interface CountryOption {
  readonly value?: Country;
}

interface CountryChoiceProps {
  readonly value?: Country;
  readonly onChange: (country: Country | undefined) => void;
  readonly options: readonly CountryOption[];
}

const INTERNATIONAL = "ZZ";

/** Found by its name, its letters or its calling code: "Unit", "gb" and "+44" all find the United Kingdom. */
export function CountryChoice({ value, onChange, options }: CountryChoiceProps): ReactNode {
  const { t } = useTranslation();
  const language = locale();
  // Sorting the names of all countries takes long enough to be felt with each key that is typed beside it.
  const countries = useMemo(() => countriesOf(options, language), [options, language]);
  const choices = [{ id: INTERNATIONAL, name: t("pair.international"), code: "", text: t("pair.international") }, ...countries];
  const byText = new Map(choices.map((choice) => [choice.text, choice]));

  return (
    <ComboBox
      className="country"
      defaultItems={choices}
      value={value ?? INTERNATIONAL}
      onChange={(key) => {
        if (key !== null) onChange(key === INTERNATIONAL ? undefined : (key as Country));
      }}
      defaultFilter={(text, typed) => matches(byText.get(text), typed)}
      allowsEmptyCollection
      menuTrigger="input"
    >
      <Label>{t("pair.country")}</Label>
      <div className="with-button">
        <Input onFocus={(event) => event.target.select()} autoComplete="off" />
        <Button className="button quiet">
          <Icon name="chevron" />
        </Button>
      </div>
      <Popover className="popover" offset={4} containerPadding={8}>
        <ListBox className="countries" renderEmptyState={() => <p className="quiet-text">{t("pair.noCountry")}</p>}>
          {(choice: (typeof choices)[number]) => (
            <ListBoxItem id={choice.id} textValue={choice.text} className="choice">
              <span>{choice.name}</span>
              <bdi dir="ltr" className="quiet-text">
                {choice.code}
              </bdi>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

/** In the order of their names in this language. */
function countriesOf(options: readonly CountryOption[], language: string) {
  const { compare } = new Intl.Collator(language);
  const nameOf = countryNames();
  return options
    .flatMap(({ value: country }) => (country === undefined ? [] : [{ country, name: nameOf(country) }]))
    .sort((one, other) => compare(one.name, other.name))
    .map(({ country, name }) => {
      const code = `+${getCountryCallingCode(country)}`;
      return { id: country, name, code, text: `${name} (${code})` };
    });
}

function matches(
  choice: { readonly id: string; readonly name: string; readonly code: string; readonly text: string } | undefined,
  typed: string,
): boolean {
  const wanted = plain(typed);
  if (!choice || wanted === "") return true;
  if (/^\+?\d+$/.test(wanted)) return choice.code.startsWith(wanted.startsWith("+") ? wanted : `+${wanted}`);
  return plain(choice.text).includes(wanted) || choice.id.toLowerCase() === wanted;
}

/** "Åland" is found by "aland". */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();
}
