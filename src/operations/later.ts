/** An answer that is not the result: that waits for a person. Over HTTP it has status 202. */
export class Later<Body> {
  readonly body: Body;

  constructor(body: Body) {
    this.body = body;
  }
}
