import type { ComponentProps, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface IconTextProps extends ComponentProps<"p"> {
  readonly icon: IconName;
}

/** A sentence with an icon before it. */
export function IconText({ icon, children, ...rest }: IconTextProps): ReactNode {
  return (
    <p {...rest}>
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  );
}
